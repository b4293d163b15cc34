// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The mode word of a block: what its translation depends on besides its bytes and its place.
 *
 * <p>Bits 6:0 are the code size and bit 0 that VEX does not exist; bits 13:8 cut the block to so
 * many instructions, for callers who want that few; bits 16:14 say which vector instructions cannot
 * fault; bit 17 that a hypervisor may intercept instructions, bit 18 that there are ZMM registers,
 * bit 19 that 32-bit code has flat segments.
 */
final class CodeMode {
  private static final int NO_VEX = 1;
  private static final int SIZE = 0x70;
  private static final int LIMIT_SHIFT = 8;

  /** Attributes of a data segment that matter: unusable, and the type but for accessed. */
  static final int DATA_MASK = Segment.UNUSABLE | 0xE;

  /** What these are in a segment for reads and writes that grows up. */
  static final int FLAT_DATA = Segment.WRITABLE_OR_READABLE;

  private static final long LIMIT_4G = 0xFFFF_FFFFL;
  private static final int FLAT = 1 << 19;
  private static final int GUEST = 1 << 17;
  private static final int WIDE = 1 << 18;
  private static final int SSE = 1 << 14;
  private static final int AVX = 1 << 15;
  private static final int FLOAT = 1 << 16;

  private static final long CR0_EM_TS = 1 << 2 | 1 << 3;
  private static final long CR4_OSFXSR = 1 << 9;
  private static final long CR4_OSXSAVE = 1 << 18;
  private static final long XCR0_AVX = 6;
  private static final long XCR0_AVX_512 = 0xE0;
  private static final long MXCSR_MASKS = 0x1F80;

  private CodeMode() {}

  /** {@return the mode of the code at RIP} */
  static int of(Vcpu v) {
    long s = v.state;
    int guest = v.intercepts.guest ? GUEST : 0;
    int size = (int) State.get(s, State.CODE_SIZE);
    if (size == 64) {
      return guest | size | vectors(s);
    }
    if (State.realOrVirtual8086(s)) {
      return guest | size | NO_VEX;
    }
    return guest | size | (size == 32 && isFlat(s) ? FLAT | vectors(s) : 0);
  }

  /** Whether code, stack and data of 32-bit code are the whole 4 GiB. */
  private static boolean isFlat(long s) {
    return State.base(s, Segment.CS) == 0
        && State.limit(s, Segment.CS) == LIMIT_4G
        && (State.attributes(s, Segment.SS) & Segment.BIG) != 0
        && isFlat(s, Segment.SS)
        && isFlat(s, Segment.DS)
        && isFlat(s, Segment.ES);
  }

  private static boolean isFlat(long s, int segment) {
    return State.base(s, segment) == 0
        && State.limit(s, segment) == LIMIT_4G
        && (State.attributes(s, segment) & DATA_MASK) == FLAT_DATA;
  }

  /** Which vector instructions cannot fault but for their memory operands. */
  private static int vectors(long s) {
    long cr4 = State.get(s, State.CR4);
    long mxcsr = State.get(s, State.MXCSR);
    if ((State.get(s, State.CR0) & CR0_EM_TS) != 0
        || (cr4 & CR4_OSFXSR) == 0
        || mxcsr >>> 16 != 0) {
      return 0;
    }
    long xcr0 = State.get(s, State.XCR0);
    boolean avx = (cr4 & CR4_OSXSAVE) != 0 && (xcr0 & XCR0_AVX) == XCR0_AVX;
    boolean wide = avx && (xcr0 & XCR0_AVX_512) != 0;
    return SSE
        | (avx ? AVX : 0)
        | (wide ? WIDE : 0)
        | ((mxcsr & MXCSR_MASKS) == MXCSR_MASKS ? FLOAT : 0);
  }

  /** {@return whether instructions may be intercepted} */
  static boolean isGuest(int mode) {
    return (mode & GUEST) != 0;
  }

  static boolean hasSse(int mode) {
    return (mode & SSE) != 0;
  }

  static boolean hasAvx(int mode) {
    return (mode & AVX) != 0;
  }

  /** {@return whether vector registers have 512 bits, which VEX forms clear above theirs} */
  static boolean hasWideVectors(int mode) {
    return (mode & WIDE) != 0;
  }

  /** {@return whether all floating-point exceptions of SSE are masked} */
  static boolean masksFloat(int mode) {
    return (mode & FLOAT) != 0;
  }

  static int withLimit(int mode, int limit) {
    return mode | limit << LIMIT_SHIFT;
  }

  static int withoutLimit(int mode) {
    return mode & ~(63 << LIMIT_SHIFT);
  }

  /** {@return most instructions of the block, or 0} */
  static int limit(int mode) {
    return mode >> LIMIT_SHIFT & 63;
  }

  static int codeSize(int mode) {
    return mode & SIZE;
  }

  static boolean hasVex(int mode) {
    return (mode & NO_VEX) == 0;
  }

  /** {@return whether code of this mode is translated; other runs in Java} */
  static boolean isTranslated(int mode) {
    return codeSize(mode) == 64 || (mode & FLAT) != 0;
  }
}
