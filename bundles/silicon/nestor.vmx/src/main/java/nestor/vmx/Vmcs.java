// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.Arrays;
import nestor.vcpu.Flags;
import nestor.vcpu.PhysicalMemory;

/**
 * A VMCS as the processor holds it: the current one of a vCPU.
 *
 * <p>All fields live here while it is current. When another becomes current, or VMCLEAR makes it
 * inactive, they go to the region in memory, whole: so a byte copy of a cleared region is a VMCS
 * too. The layout is our own, as the manual leaves it to the processor (SDM vol. 3C, "Format of the
 * VMCS Region").
 */
final class Vmcs {
  /** The VMCS revision identifier. */
  static final int REVISION = 0x4E53_5401;

  /** Bit 31 of the revision word: a shadow VMCS. */
  static final int SHADOW = 1 << 31;

  /** Address of no VMCS. */
  static final long NONE = -1;

  static final int ABORT_OFFSET = 4;
  private static final int LAUNCHED_OFFSET = 8;
  private static final int SESSION_OFFSET = 12;
  private static final int FIELDS_OFFSET = 16;
  private static final int LAUNCHED = 0x4C41_554E;

  private final long[] values = new long[VmcsField.count()];

  /** Physical address of the region, or {@link #NONE}. */
  long region = NONE;

  /** Whether the region is a shadow VMCS. */
  boolean shadow;

  /** Launch state. */
  boolean launched;

  /** Number of the VMX operation in which it was launched; see {@link Vmx#session}. */
  int session;

  /** Grows with each change of a control or host-state field, so that checks can be remembered. */
  long controlChanges;

  /**
   * Grows with each change by software of what the checks on guest registers look at: {@link
   * GuestCheckRows#REGISTER_ROWS}. What an exit has saved passes them.
   */
  long guestChanges;

  long get(VmcsField field) {
    return values[field.ordinal()];
  }

  /** {@return a 32-bit field} */
  int word(VmcsField field) {
    return (int) values[field.ordinal()];
  }

  void set(VmcsField field, long value) {
    long old = values[field.ordinal()];
    long cut = field.cut(value);
    if (cut == old) {
      return;
    }
    values[field.ordinal()] = cut;
    switch (field) {
      // No check looks at these, nor at registers of the guest that have checks of their own.
      case PREEMPTION_TIMER_VALUE,
          TSC_OFFSET,
          HOST_RSP,
          GUEST_RIP,
          GUEST_RSP,
          GUEST_INTERRUPTIBILITY_STATE,
          GUEST_ACTIVITY_STATE,
          GUEST_PENDING_DEBUG_EXCEPTIONS -> {}
      case GUEST_RFLAGS -> guestChanges += (cut ^ old) & Flags.VM;
      default -> {
        switch (field.type()) {
          case CONTROL, HOST_STATE -> controlChanges++;
          case GUEST_STATE -> guestChanges++;
          case EXIT_INFORMATION -> {}
        }
      }
    }
  }

  /** Sets a guest-state or exit-information field to a value of its width. */
  void put(VmcsField field, long value) {
    values[field.ordinal()] = value;
  }

  /** Makes the VMCS of a region current. */
  void load(PhysicalMemory memory, long address) {
    region = address;
    shadow = ((int) memory.load(null, address, 4) & SHADOW) != 0;
    launched = (int) memory.load(null, address + LAUNCHED_OFFSET, 4) == LAUNCHED;
    session = (int) memory.load(null, address + SESSION_OFFSET, 4);
    for (int i = 0; i < values.length; i++) {
      values[i] = memory.load(null, address + FIELDS_OFFSET + 8L * i, 8);
    }
    controlChanges++;
  }

  /** Writes everything to the region. */
  void flush(PhysicalMemory memory) {
    if (region == NONE) {
      return;
    }
    memory.store(null, region + LAUNCHED_OFFSET, 4, launched ? LAUNCHED : 0);
    memory.store(null, region + SESSION_OFFSET, 4, session);
    for (int i = 0; i < values.length; i++) {
      memory.store(null, region + FIELDS_OFFSET + 8L * i, 8, values[i]);
    }
  }

  /** No VMCS is current. */
  void forget() {
    region = NONE;
    shadow = false;
    launched = false;
    session = 0;
    Arrays.fill(values, 0);
    controlChanges++;
  }

  /** Writes the launch state "clear" to a region that is not current. */
  static void clear(PhysicalMemory memory, long address) {
    memory.store(null, address + LAUNCHED_OFFSET, 4, 0);
  }

  /** {@return a field of a region that is not current: VMREAD of a shadow VMCS} */
  static long read(PhysicalMemory memory, long address, VmcsField field) {
    return memory.load(null, address + FIELDS_OFFSET + 8L * field.ordinal(), 8);
  }

  /** Writes a field of a region that is not current. */
  static void write(PhysicalMemory memory, long address, VmcsField field, long value) {
    memory.store(null, address + FIELDS_OFFSET + 8L * field.ordinal(), 8, field.cut(value));
  }

  long[] snapshot() {
    return values.clone();
  }

  void restore(long address, boolean isShadow, boolean isLaunched, long[] saved) {
    region = address;
    shadow = isShadow;
    launched = isLaunched;
    System.arraycopy(saved, 0, values, 0, Math.min(saved.length, values.length));
    controlChanges++;
  }
}
