// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** Reads stacks out of the current TSS (SDM vol. 3A, "Task Management"). */
final class TaskState {
  private final Core core;

  /** SS that {@link #stack} has read. */
  int ss;

  TaskState(Core core) {
    this.core = core;
  }

  /** {@return ESP for a privilege level; its SS is in {@link #ss}} */
  long stack(int cpl) {
    if (is32()) {
      long sp = read(4 + 8 * cpl, 4);
      ss = (int) read(8 + 8 * cpl, 2);
      check(4 + 8 * cpl, 8);
      return sp;
    }
    long sp = read(2 + 4 * cpl, 2);
    ss = (int) read(4 + 4 * cpl, 2);
    return sp;
  }

  /** {@return RSP for a privilege level from a 64-bit TSS} */
  long stack64(int cpl) {
    return read(4 + 8 * cpl, 8);
  }

  /** {@return stack pointer 1-7 of the interrupt stack table} */
  long interruptStack(int ist) {
    return read(36 + 8 * (ist - 1), 8);
  }

  /** {@return whether the TSS has the 32- or 64-bit format} */
  boolean is32() {
    return (State.attributes(core.state, Segment.TR) & 8) != 0;
  }

  private long read(int offset, int size) {
    check(offset, size);
    return core.v.mmu.loadSystem(linear(offset), size);
  }

  private void check(int offset, int size) {
    if (offset + size - 1 > State.limit(core.state, Segment.TR)) {
      throw core.selectorFault(GuestFault.TS, State.selector(core.state, Segment.TR));
    }
  }

  private long linear(int offset) {
    long linear = State.base(core.state, Segment.TR) + offset;
    return State.longMode(core.state) ? linear : linear & 0xFFFF_FFFFL;
  }

  /**
   * {@return whether the interrupt redirection bitmap sends a vector to the 8086 program} It lies
   * below the I/O permission bitmap; a set bit means the IDT.
   */
  boolean redirects(int vector) {
    if (!isUsable()) {
      return false;
    }
    long at = core.v.mmu.loadSystem(linear(0x66), 2) - 32 + (vector >>> 3);
    if (at < 0 || at > State.limit(core.state, Segment.TR)) {
      return false;
    }
    return (core.v.mmu.loadSystem(linear((int) at), 1) >>> (vector & 7) & 1) == 0;
  }

  /** {@return whether there is a TSS with room for the bitmaps' offset} */
  private boolean isUsable() {
    return (State.attributes(core.state, Segment.TR) & Segment.UNUSABLE) == 0
        && is32()
        && State.limit(core.state, Segment.TR) >= 0x67;
  }

  /**
   * {@return whether the I/O permission bitmap allows {@code size} ports} (SDM vol. 1, "I/O
   * Permission Bit Map")
   */
  boolean permits(int port, int size) {
    long limit = State.limit(core.state, Segment.TR);
    if (!isUsable()) {
      return false;
    }
    long map = core.v.mmu.loadSystem(linear(0x66), 2);
    long at = map + (port >>> 3);
    if (at + 1 > limit) {
      return false;
    }
    long bits = core.v.mmu.loadSystem(linear((int) at), 2);
    return (bits >>> (port & 7) & (1 << size) - 1) == 0;
  }
}
