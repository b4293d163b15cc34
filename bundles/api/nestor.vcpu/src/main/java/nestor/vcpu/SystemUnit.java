// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.Map;
import nestor.isa.Insn;

/**
 * The CPU core behind the engines: event delivery, system instructions, modes, CPUID and MSRs.
 * Called on the vCPU's thread.
 */
public interface SystemUnit {

  /** Nothing to do; go on. */
  int CONTINUE = -1;

  /** Puts the vCPU into its power-on state; application processors wait for a start-up IPI. */
  void reset();

  /** INIT: as reset, but caches, MSRs, x87 and vector state stay (SDM vol. 3A, table 9-1). */
  void init();

  /**
   * Executes an instruction of a system family. {@code State.rip} and {@code State.nextRip} are
   * set.
   *
   * @throws GuestFault if it faults
   */
  void execute(Insn insn);

  /**
   * Delivers a fault of the current instruction to the guest, with double and triple faults. On
   * return {@code State.rip} is the handler's, or the vCPU is shut down.
   */
  void raise(GuestFault fault);

  /**
   * At an instruction boundary with attention asked: takes the events that may be taken, in the
   * order of SDM vol. 3A, "Priority Among Concurrent Events", and clears the attention bits.
   *
   * @return {@link #CONTINUE}, or an {@link Engine} stop cause
   */
  int boundary();

  /**
   * Before an instruction while {@code State.STEP} is not 0: instruction breakpoints. May deliver
   * #DB, so {@code State.rip}, the mode and the privilege are read after it.
   */
  void beforeStep();

  /** After an instruction that ran while {@code State.STEP} was not 0: shadows end, traps fire. */
  void afterStep(long stepBefore);

  /** {@return an MSR, as RDMSR gives it} Faults on unknown ones. */
  long readMsr(int msr);

  /** Writes an MSR as WRMSR does. */
  void writeMsr(int msr, long value);

  /** Answers CPUID: EAX, EBX, ECX, EDX into {@code result[0..3]}. */
  void cpuid(int leaf, int subleaf, int[] result);

  /** {@return the time-stamp counter at the current instruction} */
  long tsc();

  /** Pending start-up IPI: keeps the vector and wakes a vCPU that waits for it. */
  void startupIpi(int vector);

  /** {@return what happened last: exception or interrupt, in words, for {@code nestor:why}} */
  String lastEvent();

  /** {@return how often the guest used which MSR that does not exist, for {@code stats}} */
  default Map<Integer, Long> unknownMsrs() {
    return Map.of();
  }
}
