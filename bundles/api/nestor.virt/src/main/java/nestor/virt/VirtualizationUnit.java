// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import java.util.List;
import java.util.Map;
import nestor.api.virt.ExitCount;
import nestor.api.virt.VmEvent;
import nestor.isa.Insn;
import nestor.isa.Row;
import nestor.vcpu.ExitTarget;
import nestor.vcpu.Virtualization;
import nestor.vcpu.VmExit;
import nestor.vcpu.VmObserver;

/**
 * The extensions of one vCPU, put together from a vendor's parts: passes questions on to them and
 * keeps the log.
 */
public abstract class VirtualizationUnit implements Virtualization {
  private final VirtualizationState shared;
  private final InstructionGate instructions;
  private final BoundaryGate boundary;
  private final ExitLog log;

  /** Puts parts together. */
  protected VirtualizationUnit(
      VirtualizationState shared,
      InstructionGate instructions,
      BoundaryGate boundary,
      ExitLog log) {
    this.shared = shared;
    this.instructions = instructions;
    this.boundary = boundary;
    this.log = log;
  }

  /** Executes an instruction of the family. */
  protected abstract void executeFamily(Insn insn);

  @Override
  public final void execute(Insn insn) {
    log.asked(insn.row);
    executeFamily(insn);
  }

  @Override
  public final Row lastRow() {
    return log.lastRow();
  }

  @Override
  public final void exitTo(ExitTarget target) {
    shared.target = target;
  }

  @Override
  public final boolean instruction(Insn insn) {
    log.asked(insn.row);
    return instructions.instruction(insn);
  }

  @Override
  public final void port(Insn insn, int port, int size, long linear) {
    log.asked(insn.row);
    instructions.port(insn, port, size, linear);
  }

  @Override
  public final VmExit exception(int event, int errorCode, long address) {
    return instructions.exception(event, errorCode, address);
  }

  @Override
  public final int initSignal() {
    return boundary.initSignal();
  }

  @Override
  public final boolean managementInterrupt() {
    return boundary.managementInterrupt();
  }

  @Override
  public final int startup(int vector) {
    return boundary.startup(vector);
  }

  @Override
  public final boolean beforeDebugTraps() {
    return boundary.beforeDebugTraps();
  }

  @Override
  public final boolean beforeNmi() {
    return boundary.beforeNmi();
  }

  @Override
  public final int nonMaskable() {
    return boundary.nonMaskable();
  }

  @Override
  public final boolean beforeInterrupt() {
    return boundary.beforeInterrupt();
  }

  @Override
  public final int interrupt() {
    return boundary.interrupt();
  }

  @Override
  public final boolean afterInterrupt() {
    return boundary.afterInterrupt();
  }

  @Override
  public final void stepped() {
    boundary.stepped();
  }

  @Override
  public final boolean keepsNmiBlocked() {
    return boundary.keepsNmiBlocked();
  }

  @Override
  public final long controlStructure() {
    return shared.structure();
  }

  @Override
  public final Map<String, Long> counters() {
    return log.counters();
  }

  @Override
  public final List<VmEvent> recent() {
    return log.recent();
  }

  @Override
  public final List<ExitCount> exitCounts() {
    return log.exitCounts();
  }

  @Override
  public final List<String> reasons() {
    return log.reasons();
  }

  @Override
  public final void observe(VmObserver observer) {
    log.observe(observer);
  }
}
