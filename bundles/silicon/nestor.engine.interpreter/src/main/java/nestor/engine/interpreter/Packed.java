// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Mem;

/**
 * A decoded instruction as the interpreter keeps it: two longs.
 *
 * <p>The first holds the handler and the operand fields below; the second the displacement in its
 * low and the immediate in its high 32 bits, both signed. Register fields index the state block, so
 * 16 reads zero and 17 the RIP of the block's start.
 *
 * <pre>
 *   9:0 handler   14:10 register 1   19:15 register 2   24:20 base   29:25 index   31:30 scale
 *   37:32 64 minus the operand's bits   38 has FS or GS base   39 it is GS
 *   58:48 offset of the next instruction from the start of the block
 * </pre>
 */
final class Packed {
  private Packed() {}

  /** Field value for no base or index: the zero slot of the state block. */
  static final int NONE = 16;

  /** Field value for RIP-relative operands: the RIP of the block's start. */
  static final int BLOCK_RIP = 17;

  static final long SEGMENT = 1L << 38;
  static final long SEGMENT_GS = 1L << 39;

  static long word(
      int handler, int register1, int register2, int base, int index, int scale, int shift) {
    return handler
        | (long) register1 << 10
        | (long) register2 << 15
        | (long) base << 20
        | (long) index << 25
        | (long) scale << 30
        | (long) shift << 32;
  }

  static long word(int handler, int register1, int register2, int shift) {
    return word(handler, register1, register2, NONE, NONE, 0, shift);
  }

  static long withNext(long word, int offset) {
    return word | (long) offset << 48;
  }

  static int handler(long word) {
    return (int) word & 0x3FF;
  }

  static int next(long word) {
    return (int) (word >>> 48) & 0x7FF;
  }

  /** {@return 64 minus the width in bits} */
  static int shift(long word) {
    return (int) (word >>> 32) & 63;
  }

  static long immediates(long displacement, long immediate) {
    return displacement & 0xFFFF_FFFFL | immediate << 32;
  }

  static long displacement(long word2) {
    return (int) word2;
  }

  static long immediate(long word2) {
    return word2 >> 32;
  }

  /** {@return register 1, all 64 bits} */
  static long register1(long state, long word) {
    return Mem.getLong(state + (word >>> 7 & 0xF8));
  }

  /** {@return register 2, all 64 bits} */
  static long register2(long state, long word) {
    return Mem.getLong(state + (word >>> 12 & 0xF8));
  }

  static void setRegister1(long state, long word, long value) {
    Mem.putLong(state + (word >>> 7 & 0xF8), value);
  }

  /** {@return the linear address of the memory operand, not yet checked} */
  static long address(long state, long word, long word2) {
    long a =
        Mem.getLong(state + (word >>> 17 & 0xF8))
            + (Mem.getLong(state + (word >>> 22 & 0xF8)) << (int) (word >>> 30 & 3))
            + (int) word2;
    if ((word & SEGMENT) != 0) {
      a += segmentBase(state, word);
    }
    return a;
  }

  private static long segmentBase(long state, long word) {
    return nestor.vcpu.State.base(
        state, (word & SEGMENT_GS) != 0 ? nestor.vcpu.Segment.GS : nestor.vcpu.Segment.FS);
  }

  /** {@return the segment that a violation of this operand is blamed on} */
  static int segment(long word) {
    if ((word & SEGMENT) != 0) {
      return nestor.vcpu.Segment.FS;
    }
    int base = (int) (word >>> 20) & 31;
    return base == 4 || base == 5 ? nestor.vcpu.Segment.SS : nestor.vcpu.Segment.DS;
  }
}
