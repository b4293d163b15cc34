// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** Descriptor table accesses by selector (SDM vol. 3A, "Segment Selectors"). */
final class Selectors {
  private final Core core;

  Selectors(Core core) {
    this.core = core;
  }

  static boolean isNull(int selector) {
    return (selector & 0xFFFC) == 0;
  }

  /**
   * {@return the linear address of a descriptor}
   *
   * @param bytes its size
   * @param vector the fault if it lies beyond the table's limit
   */
  long address(int selector, int bytes, int vector) {
    long state = core.state;
    int offset = selector & 0xFFF8;
    long base;
    long limit;
    if ((selector & 4) == 0) {
      base = core.get(State.GDTR);
      limit = core.get(State.GDTR + 8);
    } else {
      if ((State.attributes(state, Segment.LDTR) & Segment.UNUSABLE) != 0) {
        throw core.selectorFault(vector, selector);
      }
      base = State.base(state, Segment.LDTR);
      limit = State.limit(state, Segment.LDTR);
    }
    if (offset + bytes - 1 > limit) {
      throw core.selectorFault(vector, selector);
    }
    long linear = base + offset;
    return State.longMode(state) ? linear : linear & 0xFFFF_FFFFL;
  }

  /** {@return the first eight bytes of a descriptor, or the fault if there is none} */
  long read(int selector, int vector) {
    return core.v.mmu.loadSystem(address(selector, 8, vector), 8);
  }

  /** {@return the descriptor, or #GP(selector)} */
  long read(int selector) {
    return read(selector, GuestFault.GP);
  }

  /** {@return bytes 8-15 of a 16-byte system descriptor} */
  long readUpper(int selector, int vector) {
    return core.v.mmu.loadSystem(address(selector, 16, vector) + 8, 8);
  }

  /** {@return the descriptor, or -1 if the selector has none: for LAR, LSL, VERR, VERW} */
  boolean exists(int selector, int bytes) {
    if (isNull(selector)) {
      return false;
    }
    int offset = selector & 0xFFF8;
    if ((selector & 4) == 0) {
      return offset + bytes - 1 <= core.get(State.GDTR + 8);
    }
    return (State.attributes(core.state, Segment.LDTR) & Segment.UNUSABLE) == 0
        && offset + bytes - 1 <= State.limit(core.state, Segment.LDTR);
  }

  /** Sets the accessed bit in memory if it is clear; returns the descriptor with it. */
  long access(int selector, long d) {
    long accessed = d | 1L << 40;
    if (accessed != d) {
      long linear = address(selector, 8, GuestFault.GP) + 5;
      core.v.mmu.storeSystem(linear, 1, accessed >>> 40 & 0xFF);
    }
    return accessed;
  }

  /** Sets the type of a TSS descriptor in memory: busy or available. */
  void setBusy(int selector, boolean busy) {
    long linear = address(selector, 8, GuestFault.GP) + 5;
    long access = core.v.mmu.loadSystem(linear, 1);
    core.v.mmu.storeSystem(linear, 1, busy ? access | 2 : access & ~2);
  }
}
