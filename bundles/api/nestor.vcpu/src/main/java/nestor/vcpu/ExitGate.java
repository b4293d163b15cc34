// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import nestor.isa.Insn;

/**
 * The vendor's rules about what leaves guest mode. The CPU core, the MMU and the boundary ask it
 * where {@link InterceptMasks} or the manuals' order of events say so. Called on the vCPU's thread,
 * in guest mode unless said otherwise.
 *
 * <p>Methods that return boolean say whether they have done all there is to do.
 */
public interface ExitGate {
  /** The event takes its usual course. */
  int NORMAL = 0;

  /** A VM exit has been done; the vCPU is in root mode. */
  int EXITED = 1;

  /** The event stays pending. */
  int BLOCKED = 2;

  /** The interrupt is delivered whatever RFLAGS.IF says. */
  int UNMASKED = 3;

  /**
   * An instruction whose intercept bit is set passed the checks that go before exits (SDM vol. 3C,
   * "Relative Priority of Faults and VM Exits").
   *
   * @return whether it has been executed here; if not, it goes on as without a hypervisor
   * @throws VmExit if it exits
   */
  boolean instruction(Insn insn);

  /**
   * A port is accessed; the privilege checks have passed.
   *
   * @param linear address of the memory operand of INS and OUTS
   */
  void port(Insn insn, int port, int size, long linear);

  /**
   * An exception with its bit set in {@link InterceptMasks#exceptions} is about to be delivered.
   *
   * @param event event word of the exception
   * @param address CR2 or DR6 bits
   * @return the exit to be done, or null if the exception is delivered
   */
  VmExit exception(int event, int errorCode, long address);

  /** A triple fault. True if it exited. */
  boolean shutdown();

  /**
   * A task switch has passed the checks of the new TSS's descriptor.
   *
   * @param source 0 CALL, 1 IRET, 2 JMP, 3 task gate in the IDT
   */
  void taskSwitch(int selector, int source, int errorCode);

  /** INIT is pending; asked in root mode too. */
  int initSignal();

  /** An SMI is pending. True if it exited. */
  boolean managementInterrupt();

  /** A start-up IPI is pending and the vCPU waits for it. */
  int startup(int vector);

  /** At the boundary after an instruction, before debug traps. True if it exited. */
  boolean beforeDebugTraps();

  /** At the boundary, after debug traps and before NMIs. True if it exited. */
  boolean beforeNmi();

  /** An NMI is pending. */
  int nonMaskable();

  /** At the boundary, after NMIs and before interrupts. True if it exited. */
  boolean beforeInterrupt();

  /** An interrupt is pending. */
  int interrupt();

  /** At the boundary, after interrupts. True if it exited. */
  default boolean afterInterrupt() {
    return false;
  }

  /** An instruction ran, or an event was delivered, while {@code STEP_MONITOR} was set. */
  void stepped();

  /** IRET starts. True if it does not end blocking by NMI. */
  boolean keepsNmiBlocked();

  /**
   * {@return a load from {@link InterceptMasks#apicPage}}
   *
   * @param linear its linear address; -1 for an access that has none: to a guest paging structure
   * @param access bits of {@link SecondLevelFault#access}
   */
  long loadApicPage(long linear, long physical, int size, int access);

  /** A store to {@link InterceptMasks#apicPage}. */
  void storeApicPage(long linear, long physical, int size, long value);

  /**
   * The second level forbids an access, or is malformed: throws the exit.
   *
   * @param cause as the walk found it
   */
  VmExit secondLevelFault(SecondLevelFault cause);

  /** A page was written for the first time, with {@link SecondLevel#logsWrites}. */
  void logWrite(long physical);
}
