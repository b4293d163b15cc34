// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.Map;
import nestor.isa.Insn;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;

/**
 * Stops the engine where a fault would be delivered. Real mode needs it: what delivery pushes there
 * would spoil the stack in the data window, and may fault itself.
 */
final class FaultCatcher implements SystemUnit {
  private final Vcpu v;
  private final SystemUnit real;

  /** Whether faults are caught rather than delivered. */
  boolean on;

  /** The vector of the fault that was caught, or -1. */
  int caught = -1;

  FaultCatcher(Vcpu v, SystemUnit real) {
    this.v = v;
    this.real = real;
  }

  @Override
  public void raise(GuestFault fault) {
    if (!on) {
      real.raise(fault);
      return;
    }
    caught = fault.vector;
    v.attention(State.ATTENTION_STOP);
  }

  @Override
  public void reset() {
    real.reset();
  }

  @Override
  public void init() {
    real.init();
  }

  @Override
  public void execute(Insn insn) {
    real.execute(insn);
  }

  @Override
  public int boundary() {
    return real.boundary();
  }

  @Override
  public void beforeStep() {
    real.beforeStep();
  }

  @Override
  public void afterStep(long stepBefore) {
    real.afterStep(stepBefore);
  }

  @Override
  public long readMsr(int msr) {
    return real.readMsr(msr);
  }

  @Override
  public void writeMsr(int msr, long value) {
    real.writeMsr(msr, value);
  }

  @Override
  public void cpuid(int leaf, int subleaf, int[] result) {
    real.cpuid(leaf, subleaf, result);
  }

  @Override
  public long tsc() {
    return real.tsc();
  }

  @Override
  public void startupIpi(int vector) {
    real.startupIpi(vector);
  }

  @Override
  public String lastEvent() {
    return real.lastEvent();
  }

  @Override
  public Map<Integer, Long> unknownMsrs() {
    return real.unknownMsrs();
  }
}
