// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.vcpu.LocalApic;

/** A local APIC that asks for the vectors a test gives it, and no more. */
final class TestApic implements LocalApic {
  final Deque<Integer> vectors = new ArrayDeque<>();
  long base = 0xFEE0_0900L;
  long deadline;
  private int cr8;

  @Override
  public void reset(boolean init) {}

  @Override
  public long base() {
    return base;
  }

  @Override
  public boolean writeBase(long value) {
    base = value;
    return true;
  }

  @Override
  public long page() {
    return -1;
  }

  @Override
  public long load(int offset, int size) {
    return 0;
  }

  @Override
  public void store(int offset, int size, long value) {}

  @Override
  public long readMsr(int msr) {
    return msr;
  }

  @Override
  public void writeMsr(int msr, long value) {}

  @Override
  public long deadline() {
    return deadline;
  }

  @Override
  public void writeDeadline(long tsc) {
    deadline = tsc;
  }

  @Override
  public int cr8() {
    return cr8;
  }

  @Override
  public void writeCr8(int value) {
    cr8 = value;
  }

  @Override
  public int pendingVector() {
    return vectors.isEmpty() ? -1 : vectors.peek();
  }

  @Override
  public boolean acceptsExternal() {
    return true;
  }

  @Override
  public void acknowledge(int vector) {
    vectors.remove();
  }

  @Override
  public void deliver(int mode, int vector, boolean level) {}

  @Override
  public boolean matches(int destination, boolean logical) {
    return true;
  }

  @Override
  public int arbitrationPriority() {
    return 0;
  }

  @Override
  public void lint(int pin, boolean high) {}

  @Override
  public int id() {
    return 0;
  }

  @Override
  public void tscChanged() {}

  @Override
  public SectionId section() {
    return new SectionId("test", 1);
  }

  @Override
  public void save(StateWriter out) {}

  @Override
  public void restore(int version, StateReader in) {}
}
