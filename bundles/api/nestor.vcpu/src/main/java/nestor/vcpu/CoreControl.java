// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * What a {@link Virtualization} may ask of the CPU core it belongs to, beyond the state block.
 * Called on the vCPU's thread.
 */
public interface CoreControl {
  /** {@return whether the CPU model offers a CPUID feature} */
  boolean offers(String feature);

  /** {@return MAXPHYADDR} */
  int physicalBits();

  /** {@return the bits that CR4 may have} */
  long cr4Bits();

  /** {@return the bits that EFER may have} */
  long eferBits();

  /** {@return IA32_DEBUGCTL} */
  long debugControl();

  /** Sets IA32_DEBUGCTL to a value that has been checked. */
  void setDebugControl(long value);

  /** {@return IA32_PAT} */
  long pat();

  /** Sets IA32_PAT to a value that has been checked. */
  void setPat(long value);

  /** Writes a control register as MOV to CR does, with its faults. */
  void writeControl(int number, long value);

  /** Faults as MOV to CR does if the register cannot take the value; writes nothing. */
  void checkControl(int number, long value);

  /** {@return whether NMIs wait for IRET} */
  boolean isNmiBlocked();

  /** Sets whether NMIs wait for IRET. */
  void setNmiBlocked(boolean blocked);

  /** {@return the vector of the interrupt that waits, taken from its controller; -1 if none} */
  int acknowledgeInterrupt();

  /**
   * The state block holds another world's state: code size, views of memory, breakpoints and
   * stepping follow it. Not for use between the two halves of an instruction: the one in execution
   * ends here, with neither trap nor shadow.
   */
  void stateReplaced();

  /**
   * Delivers an event as if it had happened at the current RIP: injection at VM entry.
   *
   * @param event event word of {@link VmExit}
   * @param length of the instruction, for software events, whose return address is after it
   */
  void inject(int event, int errorCode, int length);

  /** Notes what happened, in words for people. */
  void note(String event);

  /** {@return whether an event is being delivered, so that an access is part of that} */
  boolean isDelivering();

  /** {@return whether MONITOR has armed a line} */
  boolean isMonitorArmed();

  /** {@return rate of the TSC} */
  long tscHertz();
}
