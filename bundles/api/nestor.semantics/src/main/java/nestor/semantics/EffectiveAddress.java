// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Effective and linear addresses, with the segment checks of SDM vol. 3A, "Limit Checking" and
 * "Type Checking", and the canonical check of 64-bit mode.
 */
public final class EffectiveAddress {
  private EffectiveAddress() {}

  /** {@return the offset of the memory operand, cut to the address size} */
  public static long of(Vcpu v, Insn i) {
    long s = v.state;
    long offset = i.displacement;
    if (i.base == Insn.RIP) {
      offset += State.get(s, State.RIP) + i.length;
    } else {
      offset += State.gpr(s, i.base); // NO_REGISTER reads the zero slot
    }
    offset += State.gpr(s, i.index) << i.scale;
    return truncate(offset, i.addressSize);
  }

  /** {@return a value cut to an address size in bytes} */
  public static long truncate(long value, int size) {
    return switch (size) {
      case 2 -> value & 0xFFFF;
      case 4 -> value & 0xFFFF_FFFFL;
      default -> value;
    };
  }

  /** {@return the checked linear address of the memory operand} */
  public static long linear(Vcpu v, Insn i, int size, boolean write) {
    return linear(v, i.segment, of(v, i), size, write);
  }

  /**
   * {@return the checked linear address of {@code size} bytes}
   *
   * @throws GuestFault #SS(0) for the stack segment, else #GP(0)
   */
  public static long linear(Vcpu v, int segment, long offset, int size, boolean write) {
    long s = v.state;
    if (State.mode64(s)) {
      long linear = segment >= Segment.FS ? State.base(s, segment) + offset : offset;
      if (!State.isCanonical(s, linear) || !State.isCanonical(s, linear + size - 1)) {
        throw violation(v, segment);
      }
      return linear;
    }
    return legacy(v, segment, offset, size, write);
  }

  private static long legacy(Vcpu v, int segment, long offset, int size, boolean write) {
    long s = v.state;
    int attributes = State.attributes(s, segment);
    long limit = State.limit(s, segment);
    if (!State.realOrVirtual8086(s) && !typeAllows(attributes, write)) {
      throw violation(v, segment);
    }
    long last = offset + size - 1;
    boolean inside;
    if ((attributes & (Segment.CODE | Segment.EXPAND_DOWN_OR_CONFORMING))
        == Segment.EXPAND_DOWN_OR_CONFORMING) {
      long top = (attributes & Segment.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFFL;
      inside = offset > limit && last <= top;
    } else {
      inside = last <= limit;
    }
    if (!inside && !(limit == 0xFFFF_FFFFL && wraps(attributes))) {
      throw violation(v, segment);
    }
    return (State.base(s, segment) + offset) & 0xFFFF_FFFFL;
  }

  /** With a 4 GiB limit an access across the end wraps to 0, as processors do. */
  private static boolean wraps(int attributes) {
    return (attributes & (Segment.CODE | Segment.EXPAND_DOWN_OR_CONFORMING))
        != Segment.EXPAND_DOWN_OR_CONFORMING;
  }

  private static boolean typeAllows(int attributes, boolean write) {
    if ((attributes & Segment.UNUSABLE) != 0) {
      return false;
    }
    if ((attributes & Segment.CODE) != 0) {
      return !write && (attributes & Segment.WRITABLE_OR_READABLE) != 0;
    }
    return !write || (attributes & Segment.WRITABLE_OR_READABLE) != 0;
  }

  private static GuestFault violation(Vcpu v, int segment) {
    return v.fault(segment == Segment.SS ? GuestFault.SS : GuestFault.GP, 0);
  }

  /**
   * Checks the alignment that legacy SSE forms demand.
   *
   * @throws GuestFault #GP(0) if {@code linear} is not a multiple of {@code size}
   */
  public static void requireAligned(Vcpu v, long linear, int size) {
    if ((linear & (size - 1)) != 0) {
      throw v.protection();
    }
  }

  /** {@return +size or -size, as DF says} */
  public static long step(long state, int size) {
    return (State.get(state, State.RFLAGS) & Flags.DF) != 0 ? -size : size;
  }
}
