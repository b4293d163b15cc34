// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

/** Rotations, double shifts and shifts by counts of their own, on the lanes of 64 bits. */
final class PackedRotate {
  private static final long DWORD = 0xFFFF_FFFFL;

  private PackedRotate() {}

  /** {@return doublewords rotated left, each by its own count} */
  static long leftEach(long a, long count) {
    long low = Integer.rotateLeft((int) a, (int) count) & DWORD;
    return low | (long) Integer.rotateLeft((int) (a >>> 32), (int) (count >>> 32)) << 32;
  }

  /** {@return doublewords rotated right, each by its own count} */
  static long rightEach(long a, long count) {
    long low = Integer.rotateRight((int) a, (int) count) & DWORD;
    return low | (long) Integer.rotateRight((int) (a >>> 32), (int) (count >>> 32)) << 32;
  }

  /** {@return words shifted, each by its own count: left, right, or right with their sign} */
  static long words(long a, long count, boolean left, boolean signed) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      int n = (int) (count >>> s) & 0xFFFF;
      int value = signed ? (short) (a >>> s) : (int) (a >>> s) & 0xFFFF;
      int shifted;
      if (signed) {
        shifted = value >> Math.min(n, 15);
      } else {
        shifted = n > 15 ? 0 : left ? value << n : value >>> n;
      }
      r |= (shifted & 0xFFFFL) << s;
    }
    return r;
  }

  /**
   * {@return the high halves of {@code high:low} shifted left, lane by lane of {@code bits} bits,
   * each by its own count modulo the lane width}
   */
  static long doubleLeft(long high, long low, long count, int bits) {
    long r = 0;
    long mask = -1L >>> (64 - bits);
    for (int s = 0; s < 64; s += bits) {
      int n = (int) (count >>> s) & (bits - 1);
      long h = high >>> s & mask;
      long l = low >>> s & mask;
      r |= (n == 0 ? h : h << n & mask | l >>> (bits - n)) << s;
    }
    return r;
  }

  /** {@return the low halves of {@code high:low} shifted right, as {@link #doubleLeft}} */
  static long doubleRight(long high, long low, long count, int bits) {
    long r = 0;
    long mask = -1L >>> (64 - bits);
    for (int s = 0; s < 64; s += bits) {
      int n = (int) (count >>> s) & (bits - 1);
      long h = high >>> s & mask;
      long l = low >>> s & mask;
      r |= (n == 0 ? l : l >>> n | h << (bits - n) & mask) << s;
    }
    return r;
  }
}
