// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * What the parts of one CPU core share: the vCPU, its model, and the state they keep in the block's
 * private longs.
 */
final class Core {
  /** Private flags, bits of this class. */
  static final int FLAGS = State.CORE_PRIVATE;

  /** Vector of the start-up IPI that waits. */
  static final int SIPI_VECTOR = State.CORE_PRIVATE + 8;

  /** Guest-physical address of the monitored line. */
  static final int MONITOR_LINE = State.CORE_PRIVATE + 16;

  /** State of the random number generator. */
  static final int RANDOM = State.CORE_PRIVATE + 24;

  /** IA32_DEBUGCTL. */
  static final int DEBUGCTL = State.CORE_PRIVATE + 40;

  /** {@link #DEBUGCTL}: last branches are recorded, see {@link BranchRecords}. */
  static final int LBR = 1;

  /** {@link #DEBUGCTL}: TF traps taken branches only. */
  static final int BTF = 2;

  /** {@link #FLAGS}: NMIs wait for IRET. */
  static final int NMI_BLOCKED = 1;

  /** {@link #FLAGS}: MONITOR has armed the line at {@link #MONITOR_LINE}. */
  static final int MONITOR_ARMED = 2;

  /** {@link #FLAGS}: the vCPU is in MWAIT, so that a store to the line wakes it. */
  static final int IN_MWAIT = 4;

  /** {@link #FLAGS}: interrupts end MWAIT even with IF = 0. */
  static final int MWAIT_BREAK = 8;

  final Vcpu v;
  final long state;
  final CpuModel model;

  /** EXT bit of error codes: 1 while an event outside the program is delivered. */
  int ext;

  /** Where the instruction in execution began; known while the engines step. */
  long stepRip;

  /** The instruction in execution takes no single-step trap. */
  boolean trapSuppressed;

  /** The instruction in execution has loaded RF, so its end does not clear it. */
  boolean resumeLoaded;

  /** A VM entry or exit has put another state in place of the one that the instruction began in. */
  boolean replaced;

  /** The event in delivery, as an event word of {@link nestor.vcpu.VmExit}; 0 if there is none. */
  int vectoring;

  /** Its error code. */
  int vectoringError;

  /** Length of the instruction behind it, for software events. */
  int vectoringLength;

  Core(Vcpu v, CpuModel model) {
    this.v = v;
    this.state = v.state;
    this.model = model;
  }

  long get(int field) {
    return State.get(state, field);
  }

  void set(int field, long value) {
    State.set(state, field, value);
  }

  boolean flag(int bit) {
    return (get(FLAGS) & bit) != 0;
  }

  void setFlag(int bit, boolean value) {
    set(FLAGS, value ? get(FLAGS) | bit : get(FLAGS) & ~bit);
  }

  int cpl() {
    return State.cpl(state);
  }

  /** Changes the privilege level and with it the view of memory. */
  void setCpl(int cpl) {
    set(State.CPL, cpl);
    FastTable.select(state);
  }

  /** {@return a fault whose error code is a selector, with the EXT bit in force} */
  GuestFault selectorFault(int vector, int selector) {
    return v.fault(vector, selector & 0xFFFC | ext);
  }

  /** {@return #GP with no selector, with the EXT bit in force} */
  GuestFault protection() {
    return v.fault(GuestFault.GP, ext);
  }

  /** {@return whether an IOPL-sensitive instruction is allowed} */
  int iopl() {
    return (int) (get(State.RFLAGS) & Flags.IOPL) >> 12;
  }

  /** Writes RFLAGS and draws the consequences; bits that do not exist keep their fixed values. */
  void writeFlags(long rflags) {
    long value = rflags & 0x3F_7FD5 | 2;
    Flags.write(state, value);
    if ((value & Flags.RF) != 0) {
      set(State.STEP, get(State.STEP) | State.STEP_RESUME);
    }
    v.flagsWritten(value);
  }

  /** Draws the consequences of a new CS, CR0 or EFER for the code size. */
  void updateCodeSize() {
    int attributes = State.attributes(state, Segment.CS);
    int size;
    if (State.longMode(state) && (attributes & Segment.LONG) != 0) {
      size = 64;
    } else {
      size = (attributes & Segment.BIG) != 0 ? 32 : 16;
    }
    if (get(State.CODE_SIZE) != size) {
      set(State.CODE_SIZE, size);
      v.attention(State.ATTENTION_RECHECK);
    }
  }

  /** Ends the interrupt shadow of STI and MOV SS: an event is delivered. */
  void endShadow() {
    set(State.STEP, get(State.STEP) & ~(State.STEP_STI | State.STEP_MOV_SS));
  }

  /**
   * {@return whether registers take an address} What counts is the widest linear address of the
   * model, whatever CR4.LA57 says (Intel, "5-Level Paging and 5-Level EPT", section "Canonicality
   * Checking for Linear Addresses").
   */
  boolean isLoadable(long address) {
    int shift = model.linearShift();
    return address << shift >> shift == address;
  }

  /** {@return a branch target, or #GP(0) if it lies outside CS} */
  long checkTarget(long target, boolean code64, long limit) {
    if (code64 ? !State.isCanonical(state, target) : Long.compareUnsigned(target, limit) > 0) {
      throw protection();
    }
    return target;
  }
}
