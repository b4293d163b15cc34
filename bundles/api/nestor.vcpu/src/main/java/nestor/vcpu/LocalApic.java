// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import nestor.api.state.Snapshottable;

/**
 * A vCPU's local APIC (SDM vol. 3A, chapter "Advanced Programmable Interrupt Controller"). Called
 * on the machine's thread.
 */
public interface LocalApic extends Snapshottable {

  /** Power-on state; {@code init} keeps the ID and IA32_APIC_BASE. */
  void reset(boolean init);

  /** {@return IA32_APIC_BASE} */
  long base();

  /** Writes IA32_APIC_BASE. False if the transition or a reserved bit is illegal: #GP(0). */
  boolean writeBase(long value);

  /** {@return the physical page of the xAPIC registers, or -1 while disabled or in x2APIC mode} */
  long page();

  /** Loads from the register page; only aligned 4-byte accesses have defined results. */
  long load(int offset, int size);

  /** Stores to the register page. */
  void store(int offset, int size, long value);

  /**
   * {@return an x2APIC register, MSR 800h-8FFh} Faults by {@link Vcpu#protection} where RDMSR
   * would.
   */
  long readMsr(int msr);

  /** Writes an x2APIC register. */
  void writeMsr(int msr, long value);

  /** {@return IA32_TSC_DEADLINE} */
  long deadline();

  /** Writes IA32_TSC_DEADLINE. */
  void writeDeadline(long tsc);

  /** {@return CR8} */
  int cr8();

  /** Writes CR8, 0-15. */
  void writeCr8(int value);

  /** {@return the vector that may interrupt now (above PPR), or -1} */
  int pendingVector();

  /** {@return whether LINT0 lets the 8259s through, or the APIC is off} */
  boolean acceptsExternal();

  /** Takes the interrupt: moves the vector from IRR to ISR. */
  void acknowledge(int vector);

  /**
   * Receives a message from the bus.
   *
   * @param mode delivery mode 0-7
   * @param level whether level-triggered
   */
  void deliver(int mode, int vector, boolean level);

  /** {@return whether a message with this destination is for this APIC} */
  boolean matches(int destination, boolean logical);

  /** {@return a number for lowest-priority arbitration, lower is chosen; -1 if it takes none} */
  int arbitrationPriority();

  /** A LINT pin changed. */
  void lint(int pin, boolean high);

  /** {@return the APIC ID} */
  int id();

  /** The TSC jumped (written or adjusted): recompute the deadline timer. */
  void tscChanged();
}
