// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Addition, multiplication, division, square root and fused multiply-add for all formats.
 *
 * <p>An operand is a significand m and a word x. Finite operands are {@code m / 2^63 * 2^(x >> 1)},
 * negative if bit 0 of x is set, with bit 63 of m set unless the value is zero; x from {@link
 * #SPECIAL} on means infinity (m is 2^63) or a NaN. Denormal operands arrive normalised, and the
 * caller notes them in {@link FpFlags#pendingDe}. Results: see {@link Rounding}.
 */
final class Soft {
  static final int SPECIAL = 0x20000;
  static final long TOP = Wide.TOP;
  static final long QUIET = 1L << 62;

  private Soft() {}

  static boolean isNan(long m, int x) {
    return x >= SPECIAL && m != TOP;
  }

  static boolean isSignallingNan(long m, int x) {
    return x >= SPECIAL && (m << 1) != 0 && (m & QUIET) == 0;
  }

  static void add(long ma, int xa, long mb, int xb, int format, int env, FpFlags f) {
    if (ma == 0 || mb == 0 || xa >= SPECIAL || xb >= SPECIAL) {
      addSpecial(ma, xa, mb, xb, format, env, f);
      return;
    }
    f.takeDenormal();
    int d = (xa >> 1) - (xb >> 1);
    if (d > 0 || (d == 0 && !Wide.less(ma, mb))) {
      addOrdered(ma, xa, mb, d, (xa ^ xb) & 1, format, env, f);
    } else {
      addOrdered(mb, xb, ma, -d, (xa ^ xb) & 1, format, env, f);
    }
  }

  /** Adds or subtracts magnitudes, the first not smaller, the second d exponents below it. */
  private static void addOrdered(
      long ma, int xa, long mb, int d, int subtract, int format, int env, FpFlags f) {
    int sign = xa & 1;
    int e = xa >> 1;
    long high = mb;
    long low = 0;
    if (d != 0) {
      high = Wide.shiftRightJam(mb, 0, d, f);
      low = f.low;
    }
    if (subtract == 0) {
      long sum = ma + high;
      if (Wide.less(sum, ma)) {
        low = sum << 63 | low >>> 1 | (low & 1);
        sum = sum >>> 1 | TOP;
        e++;
      }
      Rounding.finish(sign, e, sum, low, format, env, f);
      return;
    }
    long difference = ma - high - Wide.sticky(low);
    normalise(sign, e, difference, -low, format, env, f);
  }

  /** Finishes {@code hi:lo / 2^127 * 2^e} with any number of leading zeros. */
  static void normalise(int sign, int e, long hi, long lo, int format, int env, FpFlags f) {
    if (hi == 0) {
      if (lo == 0) {
        Rounding.zero((env & FpEnv.RC) == FpEnv.DOWN ? 1 : 0, f);
        return;
      }
      hi = lo;
      lo = 0;
      e -= 64;
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n != 0) {
      hi = hi << n | lo >>> -n;
      lo <<= n;
    }
    Rounding.finish(sign, e - n, hi, lo, format, env, f);
  }

  private static void addSpecial(long ma, int xa, long mb, int xb, int format, int env, FpFlags f) {
    if (isNan(ma, xa) || isNan(mb, xb)) {
      Nan.propagate(ma, xa, mb, xb, format, f);
    } else if (xa >= SPECIAL) {
      if (xb >= SPECIAL && xa != xb) {
        Rounding.invalid(format, f);
        return;
      }
      f.takeDenormal();
      Rounding.infinity(xa & 1, format, f);
    } else if (xb >= SPECIAL) {
      f.takeDenormal();
      Rounding.infinity(xb & 1, format, f);
    } else {
      f.takeDenormal();
      if (mb != 0) {
        Rounding.finish(xb & 1, xb >> 1, mb, 0, format, env, f);
      } else if (ma != 0) {
        Rounding.finish(xa & 1, xa >> 1, ma, 0, format, env, f);
      } else {
        boolean negative =
            (env & FpEnv.RC) == FpEnv.DOWN ? ((xa | xb) & 1) != 0 : (xa & xb & 1) != 0;
        Rounding.zero(negative ? 1 : 0, f);
      }
    }
  }

  static void multiply(long ma, int xa, long mb, int xb, int format, int env, FpFlags f) {
    int sign = (xa ^ xb) & 1;
    if (ma == 0 || mb == 0 || xa >= SPECIAL || xb >= SPECIAL) {
      if (isNan(ma, xa) || isNan(mb, xb)) {
        Nan.propagate(ma, xa, mb, xb, format, f);
      } else if (xa >= SPECIAL || xb >= SPECIAL) {
        if (ma == 0 || mb == 0) {
          Rounding.invalid(format, f);
          return;
        }
        f.takeDenormal();
        Rounding.infinity(sign, format, f);
      } else {
        f.takeDenormal();
        Rounding.zero(sign, f);
      }
      return;
    }
    f.takeDenormal();
    int e = (xa >> 1) + (xb >> 1) + 1;
    long hi = Math.unsignedMultiplyHigh(ma, mb);
    long lo = ma * mb;
    if (hi > 0) {
      hi = hi << 1 | lo >>> 63;
      lo <<= 1;
      e--;
    }
    Rounding.finish(sign, e, hi, lo, format, env, f);
  }

  static void divide(long ma, int xa, long mb, int xb, int format, int env, FpFlags f) {
    int sign = (xa ^ xb) & 1;
    if (ma == 0 || mb == 0 || xa >= SPECIAL || xb >= SPECIAL) {
      divideSpecial(ma, xa, mb, xb, sign, format, f);
      return;
    }
    f.takeDenormal();
    int e = (xa >> 1) - (xb >> 1);
    long hi = ma >>> 1;
    long lo = ma << 63;
    if (Wide.less(ma, mb)) {
      hi = ma;
      lo = 0;
      e--;
    }
    long quotient = Wide.divide(hi, lo, mb, f);
    long remainder = f.low;
    // The bit below the quotient: twice the remainder (up to 65 bits) against the divisor.
    boolean half = remainder < 0 || !Wide.less(remainder << 1, mb);
    long rest = half ? (remainder << 1) - mb : remainder;
    Rounding.finish(sign, e, quotient, (half ? TOP : 0) | Wide.sticky(rest), format, env, f);
  }

  private static void divideSpecial(
      long ma, int xa, long mb, int xb, int sign, int format, FpFlags f) {
    if (isNan(ma, xa) || isNan(mb, xb)) {
      Nan.propagate(ma, xa, mb, xb, format, f);
    } else if (xa >= SPECIAL) {
      if (xb >= SPECIAL) {
        Rounding.invalid(format, f);
        return;
      }
      f.takeDenormal();
      Rounding.infinity(sign, format, f);
    } else if (xb >= SPECIAL) {
      f.takeDenormal();
      Rounding.zero(sign, f);
    } else if (mb == 0) {
      if (ma == 0) {
        Rounding.invalid(format, f);
        return;
      }
      f.pendingDe = 0;
      f.raised |= FpFlags.ZE;
      Rounding.infinity(sign, format, f);
    } else {
      f.takeDenormal();
      Rounding.zero(sign, f);
    }
  }

  static void sqrt(long m, int x, int format, int env, FpFlags f) {
    if (isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
    } else if (m == 0) {
      Rounding.zero(x & 1, f);
    } else if ((x & 1) != 0) {
      Rounding.invalid(format, f);
    } else if (x >= SPECIAL) {
      Rounding.infinity(0, format, f);
    } else {
      f.takeDenormal();
      int e = x >> 1;
      // An even exponent leaves the radicand in [1, 2), an odd one in [2, 4).
      long hi = (e & 1) == 0 ? m >>> 1 : m;
      long lo = (e & 1) == 0 ? m << 63 : 0;
      long root = Wide.sqrt(hi, lo, f);
      Rounding.finish(0, e >> 1, root, f.low, format, env, f);
    }
  }

  /** a * b + c with one rounding; bit 0 of negate negates the product, bit 1 the addend. */
  static void fma(
      long ma,
      int xa,
      long mb,
      int xb,
      long mc,
      int xc,
      int negate,
      int format,
      int env,
      FpFlags f) {
    if (isNan(ma, xa) || isNan(mb, xb) || isNan(mc, xc)) {
      Nan.propagate(ma, xa, mb, xb, mc, xc, format, f);
      return;
    }
    int sign = (xa ^ xb ^ negate) & 1;
    int signC = (xc ^ negate >> 1) & 1;
    if (xa >= SPECIAL || xb >= SPECIAL) {
      if (ma == 0 || mb == 0 || (xc >= SPECIAL && signC != sign)) {
        Rounding.invalid(format, f);
        return;
      }
      f.takeDenormal();
      Rounding.infinity(sign, format, f);
      return;
    }
    f.takeDenormal();
    if (xc >= SPECIAL) {
      Rounding.infinity(signC, format, f);
    } else if (ma == 0 || mb == 0) {
      addSpecial(0, sign, mc, (xc & ~1) | signC, format, env, f);
    } else {
      int e = (xa >> 1) + (xb >> 1) + 1;
      long hi = Math.unsignedMultiplyHigh(ma, mb);
      long lo = ma * mb;
      if (hi > 0) {
        hi = hi << 1 | lo >>> 63;
        lo <<= 1;
        e--;
      }
      if (mc == 0) {
        Rounding.finish(sign, e, hi, lo, format, env, f);
      } else {
        addProduct(sign, e, hi, lo, signC, xc >> 1, mc, format, env, f);
      }
    }
  }

  private static void addProduct(
      int sign,
      int e,
      long hi,
      long lo,
      int signC,
      int ec,
      long mc,
      int format,
      int env,
      FpFlags f) {
    long hc = mc;
    long lc = 0;
    int top = Math.max(e, ec);
    // Lost bits are far below the last place: only sums whose result keeps its top bits lose any.
    if (e < top) {
      hi = Wide.shiftRightJam(hi, lo, top - e, f);
      lo = f.low;
    } else if (ec < top) {
      hc = Wide.shiftRightJam(mc, 0, top - ec, f);
      lc = f.low;
    }
    if (sign == signC) {
      long low = lo + lc;
      long carry = Wide.less(low, lo) ? 1 : 0;
      long sum = hi + hc + carry;
      if (Wide.less(sum, hi) || (carry != 0 && sum == hi)) {
        low = sum << 63 | low >>> 1 | (low & 1);
        sum = sum >>> 1 | TOP;
        top++;
      }
      Rounding.finish(sign, top, sum, low, format, env, f);
    } else if (Wide.less(hc, hi) || (hc == hi && !Wide.less(lo, lc))) {
      long borrow = Wide.less(lo, lc) ? 1 : 0;
      normalise(sign, top, hi - hc - borrow, lo - lc, format, env, f);
    } else {
      long borrow = Wide.less(lc, lo) ? 1 : 0;
      normalise(signC, top, hc - hi - borrow, lc - lo, format, env, f);
    }
  }
}
