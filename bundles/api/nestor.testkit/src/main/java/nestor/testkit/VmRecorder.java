// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.List;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.vcpu.VmObserver;

/** Writes down what a vCPU's virtual machines do, a line an event. */
public final class VmRecorder implements VmObserver {
  private final List<String> lines = new ArrayList<>();

  /** Nothing happened yet. */
  public VmRecorder() {}

  /** {@return the events so far, the oldest first} */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  private void add(Vcpu v, int level, String text) {
    lines.add(String.format("L%d %s at 0x%x", level, text, State.get(v.state, State.RIP)));
  }

  @Override
  public void entered(Vcpu v, int level, long structure) {
    add(v, level, String.format("entry 0x%x", structure));
  }

  @Override
  public void refused(Vcpu v, int level, long structure, String rule) {
    add(v, level, "refused " + rule);
  }

  @Override
  public void exited(Vcpu v, int level, VmExit exit, String name) {
    add(v, level, "exit " + name);
  }

  @Override
  public void injected(Vcpu v, int level, String name, int event, int errorCode) {
    add(v, level, "inject " + name + ", error code " + errorCode);
  }

  @Override
  public void invalidated(Vcpu v, int level, String name, long number, long address) {
    add(v, level, String.format("invalidate %s %d 0x%x", name, number, address));
  }

  @Override
  public void written(Vcpu v, int level, String field, long value) {
    add(v, level, String.format("write %s 0x%x", field, value));
  }
}
