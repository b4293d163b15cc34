// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * FSIN, FCOS, FSINCOS, FPTAN and FPATAN, within one unit of the last place.
 *
 * <p>The first four are exact functions of the argument reduced with the processor's own pi of 66
 * bits, 0xC90FDAA22168C234C / 2^66 (SDM vol. 1, "Approximation of Pi"), so far from zero they
 * differ from the mathematical ones as the processor does. They return false, and leave everything
 * alone, for arguments of 2^63 and beyond, where C2 is to be set. The precision control has no
 * effect.
 */
public final class F80Trig {
  // Half of that pi in units of 2^-65, and 2^64 times its reciprocal.
  private static final long HALF_PI_HIGH = 3;
  private static final long HALF_PI_LOW = 0x243F_6A88_85A3_08D3L;
  private static final long TWO_OVER_PI = 0xA2F9_836E_4E44_1529L;

  /** Below 2^-40 a sine or tangent differs from its argument by less than the last place. */
  private static final int SMALL = -40;

  private F80Trig() {}

  /** FSIN. */
  public static boolean sin(long sig, int se, int env, FpFlags f) {
    if (isOutOfRange(sig, se)) {
      return false;
    }
    if (isOrdinary(sig, se, f)) {
      sinOrCos(sig, se, 0, env, f);
    }
    return true;
  }

  /** FCOS. */
  public static boolean cos(long sig, int se, int env, FpFlags f) {
    if (isOutOfRange(sig, se)) {
      return false;
    }
    if (sig == 0 && se << 17 == 0) {
      F80.set(Wide.TOP, F80.BIAS, f);
    } else if (isOrdinary(sig, se, f)) {
      sinOrCos(sig, se & F80.MAX_EXPONENT, 1, env, f);
    }
    return true;
  }

  /** FSINCOS: the sine to sig and se, the cosine, which is pushed, to sig2 and se2. */
  public static boolean sincos(long sig, int se, int env, FpFlags f) {
    if (!cos(sig, se, env, f)) {
      return false;
    }
    long cosine = f.sig;
    int cosineSe = f.se;
    sin(sig, se, env, f);
    f.sig2 = cosine;
    f.se2 = cosineSe;
    return true;
  }

  /** FPTAN: the tangent to sig and se; the 1 that is pushed, or the NaN, to sig2 and se2. */
  public static boolean tan(long sig, int se, int env, FpFlags f) {
    if (isOutOfRange(sig, se)) {
      return false;
    }
    boolean ordinary = isOrdinary(sig, se, f);
    if (ordinary) {
      tanOfOrdinary(sig, se, env, f);
    }
    boolean number = ordinary || (f.se & F80.MAX_EXPONENT) != F80.MAX_EXPONENT;
    f.sig2 = number ? Wide.TOP : f.sig;
    f.se2 = number ? F80.BIAS : f.se;
    return true;
  }

  private static boolean isOutOfRange(long sig, int se) {
    int exponent = se & F80.MAX_EXPONENT;
    return exponent >= F80.BIAS + 63 && exponent != F80.MAX_EXPONENT && sig < 0;
  }

  /** Whether the operand is finite and not zero; if not, the result is stored. */
  private static boolean isOrdinary(long sig, int se, FpFlags f) {
    if (!F80.prepare(sig, se, sig, se, f)) {
      return false;
    }
    long m = F80.m(sig, se);
    int x = F80.x(sig, se);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F80, f);
      return false;
    }
    if (x >= Soft.SPECIAL) {
      Rounding.invalid(Rounding.F80, f);
      return false;
    }
    f.takeDenormal();
    F80.set(sig, se, f);
    return m != 0;
  }

  private static void sinOrCos(long sig, int se, int quarter, int env, FpFlags f) {
    long m = F80.m(sig, se);
    int e = F80.x(sig, se) >> 1;
    int sign = se >> 15 & 1;
    if (e < SMALL && quarter == 0) {
      // x - x^3 / 6: just below x.
      Soft.normalise(sign, e, m - 1, -1, Rounding.F80, env, f);
      return;
    }
    if (e < SMALL) {
      // 1 - x^2 / 2: just below 1.
      Rounding.finish(0, -1, -1, -1, Rounding.F80, env, f);
      return;
    }
    int quadrant = reduce(m, e, f) + quarter;
    int scale = reducedExponent(f);
    if ((quadrant & 1) == 0) {
      f.y.setPolynomial(TrigTable.SINE, f.z);
      f.y.multiply(f.x);
      f.y.store(sign ^ (quadrant >> 1 & 1), scale, env, f);
    } else {
      f.y.setPolynomial(TrigTable.COSINE, f.z);
      f.y.store(sign ^ (quadrant >> 1 & 1), 0, env, f);
    }
  }

  private static void tanOfOrdinary(long sig, int se, int env, FpFlags f) {
    long m = F80.m(sig, se);
    int e = F80.x(sig, se) >> 1;
    int sign = se >> 15 & 1;
    if (e < SMALL) {
      Rounding.finish(sign, e, m, 1, Rounding.F80, env, f);
      return;
    }
    int quadrant = reduce(m, e, f);
    int scale = reducedExponent(f);
    f.y.setPolynomial(TrigTable.SINE, f.z);
    f.x.multiply(f.y);
    f.y.setPolynomial(TrigTable.COSINE, f.z);
    if ((quadrant & 1) == 0) {
      f.x.divide(f.y);
      f.x.store(sign, scale, env, f);
    } else {
      f.y.divide(f.x);
      f.y.store(sign ^ 1, -scale, env, f);
    }
  }

  /** The exponent that {@link #reduce} left. */
  private static int reducedExponent(FpFlags f) {
    return (int) f.low;
  }

  /**
   * Subtracts the nearest multiple of half pi from m / 2^63 * 2^e and returns the multiple; f.x
   * becomes the signed significand of the difference, f.low its exponent, f.z its square.
   */
  private static int reduce(long m, int e, FpFlags f) {
    if (e < -1) {
      leave(m, 0, e, false, f);
      return 0;
    }
    // Products modulo 2^128 suffice: the difference is below 2^68 units of 2^-65.
    int shift = e + 2;
    long hi = shift == 64 ? m : m >>> -shift;
    long lo = shift == 64 ? 0 : m << shift;
    long q = e < 0 ? 0 : Math.unsignedMultiplyHigh(m, TWO_OVER_PI) >>> (63 - e);
    long productLow = q * HALF_PI_LOW;
    hi -= Math.unsignedMultiplyHigh(q, HALF_PI_LOW) + q * HALF_PI_HIGH;
    hi -= Wide.less(lo, productLow) ? 1 : 0;
    lo -= productLow;
    // The quotient was estimated from below or nearly so: approach zero until within a quarter pi.
    boolean negative = hi < 0;
    if (negative) {
      hi = -hi - Wide.sticky(lo);
      lo = -lo;
    }
    while (isAboveQuarterPi(hi, lo)) {
      q += negative ? -1 : 1;
      hi = HALF_PI_HIGH - hi - (Wide.less(HALF_PI_LOW, lo) ? 1 : 0);
      lo = HALF_PI_LOW - lo;
      negative = !negative;
      if (hi < 0) {
        hi = -hi - Wide.sticky(lo);
        lo = -lo;
        negative = !negative;
      }
    }
    int zeros = hi == 0 ? 64 + Long.numberOfLeadingZeros(lo) : Long.numberOfLeadingZeros(hi);
    if (zeros >= 64) {
      hi = lo << zeros;
      lo = 0;
    } else if (zeros != 0) {
      hi = hi << zeros | lo >>> -zeros;
      lo <<= zeros;
    }
    leave(hi, lo, 62 - zeros, negative, f);
    return (int) q & 3;
  }

  private static boolean isAboveQuarterPi(long hi, long lo) {
    // Half of the odd constant, rounded down: no difference is exactly a quarter pi.
    return hi > HALF_PI_HIGH >> 1
        || (hi == HALF_PI_HIGH >> 1 && Wide.less(HALF_PI_LOW >>> 1 | Wide.TOP, lo));
  }

  private static void leave(long hi, long lo, int e, boolean negative, FpFlags f) {
    f.x.setSignificand(hi, lo);
    if (negative) {
      f.x.negate();
    }
    f.z.set(f.x);
    f.z.scale(e);
    f.z.multiply(f.z);
    f.low = e;
  }
}
