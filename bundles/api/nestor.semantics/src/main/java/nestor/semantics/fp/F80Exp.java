// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * F2XM1, FYL2X and FYL2XP1, within one unit of the last place; the precision control has no effect.
 *
 * <p>Unspecified: operands out of range. As on AMD processors, F2XM1 beyond [-1, 1] and FYL2XP1
 * from -1 down return ST(0) with PE, and FYL2XP1 computes what it is asked above that.
 */
public final class F80Exp {
  private static final double SQRT_2 = 0x1.6a09e667f3bcdp0;

  /**
   * Significand and exponent of sqrt(1/2) - 1 and sqrt(2) - 1, where the series for small x ends.
   */
  private static final long LOWER_BOUND = 0x95F6_1998_0C43_36F7L;

  private static final long UPPER_BOUND = 0xD413_CCCF_E779_9211L;
  private static final int BOUND_EXPONENT = -2;

  private F80Exp() {}

  /** F2XM1: 2^x - 1. */
  public static void exp2m1(long sig, int se, int env, FpFlags f) {
    if (!F80.prepare(sig, se, sig, se, f)) {
      return;
    }
    long m = F80.m(sig, se);
    int x = F80.x(sig, se);
    int e = x >> 1;
    int sign = x & 1;
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F80, f);
    } else if (x >= Soft.SPECIAL) {
      F80.set(sig, sign != 0 ? 0x8000 | F80.BIAS : se, f);
    } else if (m == 0) {
      F80.set(sig, se, f);
    } else if (e >= 0) {
      F80.set(sig, e == 0 && m == Wide.TOP && sign != 0 ? se - 1 : se, f);
      f.raised |= FpFlags.PE;
    } else {
      f.takeDenormal();
      f.x.setSignificand(m, 0);
      f.x.multiply(TrigTable.LN2_HIGH, TrigTable.LN2_LOW);
      f.z.set(f.x);
      f.z.scale(e);
      if (sign != 0) {
        f.z.negate();
      }
      f.y.setPolynomial(TrigTable.EXPONENTIAL, f.z);
      f.x.multiply(f.y);
      f.x.store(sign, e, env, f);
    }
  }

  /** FYL2X: y * log2(x); x is ST(0), y is ST(1). */
  public static void yLog2(long sigY, int seY, long sigX, int seX, int env, FpFlags f) {
    if (!F80.prepare(sigX, seX, sigY, seY, f)) {
      return;
    }
    long mx = F80.m(sigX, seX);
    int wordX = F80.x(sigX, seX);
    long my = F80.m(sigY, seY);
    int wordY = F80.x(sigY, seY);
    if (Soft.isNan(mx, wordX) || Soft.isNan(my, wordY)) {
      Nan.propagate(mx, wordX, my, wordY, Rounding.F80, f);
    } else if (mx == 0) {
      logOfZero(my, wordY, f);
    } else if ((wordX & 1) != 0) {
      Rounding.invalid(Rounding.F80, f);
    } else {
      boolean one = mx == Wide.TOP && wordX == 0;
      boolean belowOne = wordX < 0;
      if (my == 0 || one || wordX >= Soft.SPECIAL || wordY >= Soft.SPECIAL) {
        multiplySpecial(my, wordY, one, wordX >= Soft.SPECIAL, belowOne ? 1 : 0, f);
        return;
      }
      f.takeDenormal();
      f.x.setSignificand(mx, 0);
      log2(wordX >> 1, f);
      multiplyAndStore(my, wordY, 0, env, f);
    }
  }

  /** FYL2XP1: y * log2(x + 1); x is ST(0), y is ST(1). */
  public static void yLog2p1(long sigY, int seY, long sigX, int seX, int env, FpFlags f) {
    if (!F80.prepare(sigX, seX, sigY, seY, f)) {
      return;
    }
    long mx = F80.m(sigX, seX);
    int wordX = F80.x(sigX, seX);
    long my = F80.m(sigY, seY);
    int wordY = F80.x(sigY, seY);
    if (Soft.isNan(mx, wordX) || Soft.isNan(my, wordY)) {
      Nan.propagate(mx, wordX, my, wordY, Rounding.F80, f);
    } else if (wordX == (Soft.SPECIAL | 1)) {
      Rounding.invalid(Rounding.F80, f);
    } else if (mx == 0 || my == 0 || wordX >= Soft.SPECIAL || wordY >= Soft.SPECIAL) {
      multiplySpecial(my, wordY, mx == 0, wordX >= Soft.SPECIAL, wordX & 1, f);
    } else if (isBeyondBounds(mx, wordX)) {
      f.takeDenormal();
      if ((wordX & 1) != 0 && wordX >> 1 >= 0) {
        F80.set(sigX, seX, f);
        f.raised |= FpFlags.PE;
        return;
      }
      log2OfSuccessor(mx, wordX, f);
      multiplyAndStore(my, wordY, 0, env, f);
    } else {
      f.takeDenormal();
      int e = wordX >> 1;
      // log2(1 + x) = 2 / ln 2 * atanh(x / (2 + x)), the exponent of a small x kept apart.
      f.x.setSignificand(mx, 0);
      if ((wordX & 1) != 0) {
        f.x.negate();
      }
      f.y.set(f.x);
      f.y.scale(e);
      f.y.add(2, 0);
      f.x.divide(f.y);
      timesAtanhSeries(e, f);
      multiplyAndStore(my, wordY, e, env, f);
    }
  }

  private static boolean isBeyondBounds(long m, int x) {
    long bound = (x & 1) != 0 ? LOWER_BOUND : UPPER_BOUND;
    int e = x >> 1;
    return e > BOUND_EXPONENT || (e == BOUND_EXPONENT && Wide.less(bound, m));
  }

  private static void logOfZero(long my, int wordY, FpFlags f) {
    if (my == 0) {
      Rounding.invalid(Rounding.F80, f);
      return;
    }
    if (wordY < Soft.SPECIAL) {
      f.pendingDe = 0;
      f.raised |= FpFlags.ZE;
    }
    f.takeDenormal();
    Rounding.infinity(~wordY & 1, Rounding.F80, f);
  }

  /** y times a logarithm where one of them is zero or infinite. */
  private static void multiplySpecial(
      long my, int wordY, boolean logIsZero, boolean logIsInfinite, int logSign, FpFlags f) {
    boolean infinite = wordY >= Soft.SPECIAL;
    int sign = (wordY ^ logSign) & 1;
    if ((logIsZero && infinite) || (logIsInfinite && my == 0)) {
      Rounding.invalid(Rounding.F80, f);
      return;
    }
    f.takeDenormal();
    if (infinite || logIsInfinite) {
      Rounding.infinity(sign, Rounding.F80, f);
    } else {
      Rounding.zero(sign, f);
    }
  }

  /** Sets f.x to the binary logarithm of 1 + x. */
  private static void log2OfSuccessor(long m, int x, FpFlags f) {
    f.x.setSignificand(m, 0);
    int e = x >> 1;
    if (e < 128) {
      if ((x & 1) != 0) {
        f.x.negate();
      }
      f.x.scale(e);
      f.x.add(1, 0);
      e = Math.getExponent(f.x.high);
      f.x.scale(-e);
    }
    log2(e, f);
  }

  /** Sets f.x, from 1 to 2, to the binary logarithm of its product with 2^e. */
  private static void log2(int e, FpFlags f) {
    int whole = e;
    if (f.x.high > SQRT_2) {
      f.x.scale(-1);
      whole++;
    }
    // ln x = 2 atanh((x - 1) / (x + 1)), for x between the roots of 1/2 and 2.
    f.y.set(f.x);
    f.y.add(1, 0);
    f.x.add(-1, 0);
    f.x.divide(f.y);
    timesAtanhSeries(0, f);
    f.x.add(whole, 0);
  }

  /** Turns s in f.x, to be scaled by e, into 2 / ln 2 * atanh(s), to be scaled likewise. */
  private static void timesAtanhSeries(int e, FpFlags f) {
    f.z.set(f.x);
    f.z.scale(e);
    f.z.multiply(f.z);
    f.y.setPolynomial(TrigTable.ATANH, f.z);
    f.x.multiply(f.y);
    f.x.multiply(TrigTable.TWO_OVER_LN2_HIGH, TrigTable.TWO_OVER_LN2_LOW);
  }

  private static void multiplyAndStore(long my, int wordY, int scale, int env, FpFlags f) {
    f.y.setSignificand(my, 0);
    f.x.multiply(f.y);
    f.x.store(wordY & 1, (wordY >> 1) + scale, env, f);
  }
}
