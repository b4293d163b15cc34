// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * x87 arithmetic on double extended-precision values, a significand with explicit integer bit and a
 * word of sign (bit 15) and biased exponent.
 *
 * <p>Results are left in {@link FpFlags#sig} and {@link FpFlags#se}, for unmasked overflow and
 * underflow with the exponent adjusted by 24576. C1 is {@link FpFlags#roundedUp}, which the caller
 * clears before the instruction. Unsupported encodings (unnormals, pseudo-NaNs, pseudo-infinities)
 * are invalid operands: SDM vol. 1, "Unsupported Double Extended-Precision Floating-Point Encodings
 * and Pseudo-Denormals". With an unmasked IE, DE or ZE the caller leaves the registers alone.
 */
public final class F80 {
  static final int MAX_EXPONENT = 0x7FFF;
  static final int BIAS = 16383;

  private F80() {}

  /** FADD: a + b, rounded by the precision control. */
  public static void add(long sigA, int seA, long sigB, int seB, int env, FpFlags f) {
    if (prepare(sigA, seA, sigB, seB, f)) {
      Soft.add(m(sigA, seA), x(sigA, seA), m(sigB, seB), x(sigB, seB), format(env), env, f);
    }
  }

  /** FSUB: a - b, rounded by the precision control. */
  public static void sub(long sigA, int seA, long sigB, int seB, int env, FpFlags f) {
    if (prepare(sigA, seA, sigB, seB, f)) {
      long m = m(sigB, seB);
      int x = x(sigB, seB);
      int negated = Soft.isNan(m, x) ? x : x ^ 1;
      Soft.add(m(sigA, seA), x(sigA, seA), m, negated, format(env), env, f);
    }
  }

  /** FMUL: a * b, rounded by the precision control. */
  public static void mul(long sigA, int seA, long sigB, int seB, int env, FpFlags f) {
    if (prepare(sigA, seA, sigB, seB, f)) {
      Soft.multiply(m(sigA, seA), x(sigA, seA), m(sigB, seB), x(sigB, seB), format(env), env, f);
    }
  }

  /** FDIV: a / b, rounded by the precision control. */
  public static void div(long sigA, int seA, long sigB, int seB, int env, FpFlags f) {
    if (prepare(sigA, seA, sigB, seB, f)) {
      Soft.divide(m(sigA, seA), x(sigA, seA), m(sigB, seB), x(sigB, seB), format(env), env, f);
    }
  }

  /** FSQRT, rounded by the precision control. */
  public static void sqrt(long sig, int se, int env, FpFlags f) {
    if (prepare(sig, se, sig, se, f)) {
      Soft.sqrt(m(sig, se), x(sig, se), format(env), env, f);
    }
  }

  /** FCOM and its kin: an {@link FpRelation}; quiet NaNs raise IE only if asked (not FUCOM). */
  public static int compare(
      long sigA, int seA, long sigB, int seB, boolean signalQuiet, FpFlags f) {
    if (isUnsupported(sigA, seA) || isUnsupported(sigB, seB)) {
      f.raised |= FpFlags.IE;
      f.pendingDe = 0;
      return FpRelation.UNORDERED;
    }
    long ma = m(sigA, seA);
    int xa = x(sigA, seA);
    long mb = m(sigB, seB);
    int xb = x(sigB, seB);
    if (Soft.isNan(ma, xa) || Soft.isNan(mb, xb)) {
      if (signalQuiet || Soft.isSignallingNan(ma, xa) || Soft.isSignallingNan(mb, xb)) {
        f.raised |= FpFlags.IE;
      }
      f.pendingDe = 0;
      return FpRelation.UNORDERED;
    }
    prepare(sigA, seA, sigB, seB, f);
    f.takeDenormal();
    if (ma == 0 || mb == 0 || ((xa ^ xb) & 1) != 0) {
      if (ma == 0 && mb == 0) {
        return FpRelation.EQUAL;
      }
      int sign = ma != 0 ? xa & 1 : ~xb & 1;
      return sign != 0 ? FpRelation.LESS : FpRelation.GREATER;
    }
    if (ma == mb && xa == xb) {
      return FpRelation.EQUAL;
    }
    boolean smaller = xa >> 1 != xb >> 1 ? xa >> 1 < xb >> 1 : Wide.less(ma, mb);
    return smaller == ((xa & 1) == 0) ? FpRelation.LESS : FpRelation.GREATER;
  }

  /** FRNDINT. */
  public static void roundToInteger(long sig, int se, int env, FpFlags f) {
    if (!prepare(sig, se, sig, se, f)) {
      return;
    }
    long m = m(sig, se);
    int x = x(sig, se);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F80, f);
    } else if (x >= Soft.SPECIAL) {
      set(sig, se, f);
    } else {
      f.takeDenormal();
      Integral.round(m, x, Rounding.F80, env, true, f);
    }
  }

  /** FSCALE: a times two to the power of b's integer part. */
  public static void scale(long sigA, int seA, long sigB, int seB, int env, FpFlags f) {
    if (!prepare(sigA, seA, sigB, seB, f)) {
      return;
    }
    long ma = m(sigA, seA);
    int xa = x(sigA, seA);
    long mb = m(sigB, seB);
    int xb = x(sigB, seB);
    if (Soft.isNan(ma, xa) || Soft.isNan(mb, xb)) {
      Nan.propagate(ma, xa, mb, xb, Rounding.F80, f);
    } else if (xb >= Soft.SPECIAL) {
      boolean up = (xb & 1) == 0;
      if (up ? ma == 0 : xa >= Soft.SPECIAL) {
        Rounding.invalid(Rounding.F80, f);
        return;
      }
      f.takeDenormal();
      if (up) {
        Rounding.infinity(xa & 1, Rounding.F80, f);
      } else {
        Rounding.zero(xa & 1, f);
      }
    } else {
      f.takeDenormal();
      if (ma == 0 || xa >= Soft.SPECIAL) {
        set(sigA, seA, f);
      } else {
        int n = mb == 0 || xb < 0 ? 0 : xb >> 1 > 16 ? 1 << 17 : (int) (mb >>> (63 - (xb >> 1)));
        int e = (xa >> 1) + ((xb & 1) != 0 ? -n : n);
        Rounding.finish(xa & 1, e, ma, 0, Rounding.F80, env, f);
      }
    }
  }

  /** FXTRACT: the exponent to sig and se, the significand to sig2 and se2. */
  public static void extract(long sig, int se, FpFlags f) {
    if (!prepare(sig, se, sig, se, f)) {
      setSecond(f);
      return;
    }
    long m = m(sig, se);
    int x = x(sig, se);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F80, f);
      setSecond(f);
    } else if (x >= Soft.SPECIAL) {
      f.sig2 = sig;
      f.se2 = se;
      Rounding.infinity(0, Rounding.F80, f);
    } else if (m == 0) {
      f.raised |= FpFlags.ZE;
      f.sig2 = sig;
      f.se2 = se;
      Rounding.infinity(1, Rounding.F80, f);
    } else {
      f.takeDenormal();
      f.sig2 = m;
      f.se2 = (x & 1) << 15 | BIAS;
      Integral.fromInteger(x >> 1, false, Rounding.F80, 0, f);
    }
  }

  /** FXAM: C3, C2 and C0 in their places in the status word, for a register that is not empty. */
  public static int classify(long sig, int se) {
    int exponent = se & MAX_EXPONENT;
    if (isUnsupported(sig, se)) {
      return 0;
    }
    if (exponent == MAX_EXPONENT) {
      return sig << 1 == 0 ? 0x500 : 0x100;
    }
    if (exponent == 0) {
      return sig == 0 ? 0x4000 : 0x4400;
    }
    return 0x400;
  }

  /** Whether the encoding is one that the processor has refused since the 387. */
  public static boolean isUnsupported(long sig, int se) {
    return sig >= 0 && (se & MAX_EXPONENT) != 0;
  }

  static boolean isDenormal(long sig, int se) {
    return (se & MAX_EXPONENT) == 0 && sig != 0;
  }

  /** Notes denormal operands; false, with the invalid response stored, for unsupported ones. */
  static boolean prepare(long sigA, int seA, long sigB, int seB, FpFlags f) {
    if (isUnsupported(sigA, seA) || isUnsupported(sigB, seB)) {
      Rounding.invalid(Rounding.F80, f);
      return false;
    }
    if (isDenormal(sigA, seA) || isDenormal(sigB, seB)) {
      f.pendingDe = FpFlags.DE;
    }
    return true;
  }

  /** The significand of a supported operand as {@link Soft} takes it. */
  static long m(long sig, int se) {
    return (se & MAX_EXPONENT) == 0 && sig > 0 ? sig << Long.numberOfLeadingZeros(sig) : sig;
  }

  /** The sign and exponent of a supported operand as {@link Soft} takes it. */
  static int x(long sig, int se) {
    int exponent = se & MAX_EXPONENT;
    int sign = se >> 15 & 1;
    if (exponent == MAX_EXPONENT) {
      return Soft.SPECIAL | sign;
    }
    if (exponent == 0) {
      exponent = 1 - Long.numberOfLeadingZeros(sig);
    }
    return (exponent - BIAS) << 1 | sign;
  }

  private static int format(int env) {
    int precision =
        switch (env >> FpEnv.PC_SHIFT & 3) {
          case 0 -> 24;
          case 2 -> 53;
          default -> 64;
        };
    return BIAS << 8 | precision;
  }

  static void set(long sig, int se, FpFlags f) {
    f.sig = sig;
    f.se = se;
  }

  private static void setSecond(FpFlags f) {
    f.sig2 = f.sig;
    f.se2 = f.se;
  }
}
