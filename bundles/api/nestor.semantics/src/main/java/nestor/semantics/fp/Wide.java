// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** 128-bit unsigned arithmetic on pairs of longs; a second result goes to {@link FpFlags#low}. */
final class Wide {
  static final long TOP = Long.MIN_VALUE;
  private static final long MASK32 = 0xFFFF_FFFFL;

  private Wide() {}

  static boolean less(long a, long b) {
    return a + TOP < b + TOP;
  }

  /**
   * {@code hi:lo >>> n} for n in 1..127 and above, lost bits kept as bit 0; returns the high half.
   */
  static long shiftRightJam(long hi, long lo, int n, FpFlags f) {
    if (n < 64) {
      f.low = hi << -n | lo >>> n | sticky(lo << -n);
      return hi >>> n;
    }
    if (n == 64) {
      f.low = hi | sticky(lo);
    } else if (n < 128) {
      f.low = hi >>> n | sticky(hi << -n | lo);
    } else {
      f.low = sticky(hi | lo);
    }
    return 0;
  }

  static long sticky(long bits) {
    return bits != 0 ? 1 : 0;
  }

  /**
   * The quotient of {@code hi:lo} and d, for hi below d and bit 63 of d set; remainder to f.low.
   */
  static long divide(long hi, long lo, long d, FpFlags f) {
    // Knuth's algorithm D with two 32-bit digits, each estimated by the divisor's upper half.
    long dh = d >>> 32;
    long dl = d & MASK32;
    long q1 = Long.divideUnsigned(hi, dh);
    long r = hi - q1 * dh;
    while (q1 > MASK32 || less(r << 32 | lo >>> 32, q1 * dl)) {
      q1--;
      r += dh;
      if (r > MASK32) {
        break;
      }
    }
    long rest = (hi << 32 | lo >>> 32) - q1 * d;
    long q0 = Long.divideUnsigned(rest, dh);
    r = rest - q0 * dh;
    while (q0 > MASK32 || less(r << 32 | (lo & MASK32), q0 * dl)) {
      q0--;
      r += dh;
      if (r > MASK32) {
        break;
      }
    }
    f.low = (rest << 32 | (lo & MASK32)) - q0 * d;
    return (q1 << 32) + q0;
  }

  /**
   * The root of {@code hi:lo} rounded down, for hi at least 2^62. f.low becomes 0 if exact, else a
   * value whose top bit says that the true root is above the returned one by more than a half.
   */
  static long sqrt(long hi, long lo, FpFlags f) {
    // Zimmermann's Karatsuba square root: the upper 32 bits from hi, the lower from one division.
    long s1 = (long) Math.sqrt((hi >>> 1) * 2.0);
    while (less(hi, s1 * s1) || s1 > MASK32) {
      s1--;
    }
    while (s1 < MASK32 && !less(hi, (s1 + 1) * (s1 + 1))) {
      s1++;
    }
    long r1 = hi - s1 * s1;
    // (r1 * 2^32 + next digit) / (2 * s1); r1 <= 2 * s1 takes up to 33 bits, so halve both sides.
    long numerator = r1 << 31 | lo >>> 33;
    long q = Long.divideUnsigned(numerator, s1);
    long u = (numerator - q * s1) << 1 | (lo >>> 32 & 1);
    long root = (s1 << 32) + q;
    // Remainder u * 2^32 + low digit - q * q, up to 66 bits: carry its upper part apart.
    long qq = q * q;
    long qqHigh = Math.unsignedMultiplyHigh(q, q);
    long remLow = (u << 32 | (lo & MASK32)) - qq;
    long remHigh = (u >>> 32) - qqHigh - (less(u << 32 | (lo & MASK32), qq) ? 1 : 0);
    while (remHigh < 0) {
      root--;
      long add = (root << 1) + 1;
      long sum = remLow + add;
      remHigh += (root >>> 63) + (less(sum, add) ? 1 : 0);
      remLow = sum;
    }
    if ((remHigh | remLow) == 0) {
      f.low = 0;
    } else {
      // root + 1/2 squared is root^2 + root + 1/4: above it exactly when the remainder exceeds
      // root.
      f.low = remHigh > 0 || less(root, remLow) ? TOP | 1 : 1;
    }
    return root;
  }
}
