// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * The AVX-512 instructions that take values apart and put them together: VGETEXP, VGETMANT,
 * VSCALEF, VRNDSCALE and VREDUCE, of both precisions.
 */
public final class FpScale {
  private FpScale() {}

  /** VGETEXPSS: the exponent as a value. */
  public static int getExponentF32(int a, int env, FpFlags f) {
    F32.prepare(a, a, env, f);
    getExponent(F32.m(a, env), F32.x(a), Rounding.F32, f);
    return F32.pack(f);
  }

  /** VGETEXPSD: the exponent as a value. */
  public static long getExponentF64(long a, int env, FpFlags f) {
    F64.prepare(a, a, env, f);
    getExponent(F64.m(a, env), F64.x(a), Rounding.F64, f);
    return F64.pack(f);
  }

  /** VGETMANTSS: the significand in the interval and with the sign that the immediate asks for. */
  public static int getMantissaF32(int a, int control, int env, FpFlags f) {
    F32.prepare(a, a, env, f);
    getMantissa(F32.m(a, env), F32.x(a), control, Rounding.F32, f);
    return F32.pack(f);
  }

  /** VGETMANTSD: as for single precision. */
  public static long getMantissaF64(long a, int control, int env, FpFlags f) {
    F64.prepare(a, a, env, f);
    getMantissa(F64.m(a, env), F64.x(a), control, Rounding.F64, f);
    return F64.pack(f);
  }

  /** VSCALEFSS: a times two to the power of b rounded down; a denormal b raises nothing. */
  public static int scaleF32(int a, int b, int env, FpFlags f) {
    F32.prepare(a, a, env, f);
    scale(F32.m(a, env), F32.x(a), F32.m(b, env), F32.x(b), Rounding.F32, env, f);
    return F32.pack(f);
  }

  /** VSCALEFSD: as for single precision. */
  public static long scaleF64(long a, long b, int env, FpFlags f) {
    F64.prepare(a, a, env, f);
    scale(F64.m(a, env), F64.x(a), F64.m(b, env), F64.x(b), Rounding.F64, env, f);
    return F64.pack(f);
  }

  /**
   * VRNDSCALESS: rounds to as many fraction bits as bits 7:4 of the immediate say; its other bits
   * as for {@link FpConvert#roundF32}.
   */
  public static int roundScaleF32(int a, int control, int env, FpFlags f) {
    long m = F32.m(a, env);
    int x = F32.x(a);
    if (x >= Soft.SPECIAL && !Soft.isNan(m, x)) {
      return a;
    }
    roundScale(m, x, control, Rounding.F32, env, f);
    return F32.pack(f);
  }

  /** VRNDSCALESD: as for single precision. */
  public static long roundScaleF64(long a, int control, int env, FpFlags f) {
    long m = F64.m(a, env);
    int x = F64.x(a);
    if (x >= Soft.SPECIAL && !Soft.isNan(m, x)) {
      return a;
    }
    roundScale(m, x, control, Rounding.F64, env, f);
    return F64.pack(f);
  }

  /** VREDUCESS: what {@link #roundScaleF32} takes away. */
  public static int reduceF32(int a, int control, int env, FpFlags f) {
    long m = F32.m(a, env);
    int x = F32.x(a);
    reduce(m, x, control, Rounding.F32, env, f);
    return F32.pack(f);
  }

  /** VREDUCESD: as for single precision. */
  public static long reduceF64(long a, int control, int env, FpFlags f) {
    long m = F64.m(a, env);
    int x = F64.x(a);
    reduce(m, x, control, Rounding.F64, env, f);
    return F64.pack(f);
  }

  private static void getExponent(long m, int x, int format, FpFlags f) {
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
      return;
    }
    f.takeDenormal();
    if (x >= Soft.SPECIAL || m == 0) {
      Rounding.infinity(m == 0 ? 1 : 0, format, f);
    } else {
      Integral.fromInteger(x >> 1, false, format, 0, f);
    }
  }

  private static void getMantissa(long m, int x, int control, int format, FpFlags f) {
    boolean keepSign = (control & 4) == 0;
    int sign = keepSign ? x & 1 : 0;
    int bias = format >> 8;
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
      return;
    }
    if ((control & 8) != 0 && (x & 1) != 0 && m != 0) {
      Rounding.invalid(format, f);
      return;
    }
    f.takeDenormal();
    int e = 0;
    if (m != 0 && x < Soft.SPECIAL) {
      e =
          switch (control & 3) {
            case 0 -> 0;
            case 1 -> -(x >> 1 & 1);
            case 2 -> -1;
            default -> (m & Soft.QUIET) != 0 ? -1 : 0;
          };
    }
    f.sig = x >= Soft.SPECIAL || m == 0 ? Wide.TOP : m;
    f.se = sign << 15 | bias + e;
  }

  private static void scale(long ma, int xa, long mb, int xb, int format, int env, FpFlags f) {
    boolean infiniteB = xb >= Soft.SPECIAL && !Soft.isNan(mb, xb);
    if (Soft.isNan(ma, xa) || Soft.isNan(mb, xb)) {
      // SDM vol. 2, VSCALEFPD, table "VSCALEFPD/SD/PS/SS Special Cases".
      if (infiniteB && !Soft.isSignallingNan(ma, xa)) {
        f.pendingDe = 0;
        scaleByInfinity(0, (xb & 1) == 0, format, f);
      } else {
        Nan.propagate(ma, xa, mb, xb, format, f);
      }
    } else if (infiniteB) {
      boolean up = (xb & 1) == 0;
      if (up ? ma == 0 : xa >= Soft.SPECIAL) {
        Rounding.invalid(format, f);
        return;
      }
      f.takeDenormal();
      scaleByInfinity(xa & 1, up, format, f);
    } else {
      f.takeDenormal();
      if (xa >= Soft.SPECIAL) {
        Rounding.infinity(xa & 1, format, f);
      } else if (ma == 0) {
        Rounding.zero(xa & 1, f);
      } else {
        Rounding.finish(xa & 1, (xa >> 1) + floor(mb, xb), ma, 0, format, env, f);
      }
    }
  }

  private static void scaleByInfinity(int sign, boolean up, int format, FpFlags f) {
    if (up) {
      Rounding.infinity(sign, format, f);
    } else {
      Rounding.zero(sign, f);
    }
  }

  /** The integer below a finite operand, within what can matter to an exponent. */
  private static int floor(long m, int x) {
    int e = x >> 1;
    boolean negative = (x & 1) != 0;
    if (m == 0) {
      return 0;
    }
    if (e < 0) {
      return negative ? -1 : 0;
    }
    if (e > 16) {
      return negative ? -(1 << 17) : 1 << 17;
    }
    int whole = (int) (m >>> (63 - e));
    boolean fraction = m << (e + 1) != 0;
    return negative ? -whole - (fraction ? 1 : 0) : whole;
  }

  private static void roundScale(long m, int x, int control, int format, int env, FpFlags f) {
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
      return;
    }
    int places = control >> 4 & 15;
    int rc = (control & 4) != 0 ? env : control;
    // Round the scaled value as if it had a wider exponent range, then scale back: exact.
    Integral.round(m, x + 2 * places, Rounding.F80, rc, (control & 8) == 0, f);
    long sig = f.sig;
    int se = f.se;
    if (sig == 0) {
      return;
    }
    int e = (se & F80.MAX_EXPONENT) - F80.BIAS - places;
    f.se = (se & 0x8000) | e + (format >> 8);
  }

  private static void reduce(long m, int x, int control, int format, int env, FpFlags f) {
    int rc = ((control & 4) != 0 ? env : control) & FpEnv.RC;
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
      return;
    }
    if (x >= Soft.SPECIAL) {
      Rounding.zero(0, f);
      return;
    }
    // The rounding is silent; only a difference that does not fit is inexact. Its being tiny is not
    // reported (SDM vol. 2, VREDUCEPD, "SIMD Floating-Point Exceptions").
    int raised = f.raised;
    roundScale(m, x, control | 8, format, env, f);
    int rounded = f.sig == 0 ? x & 1 : ((f.se & 0x7FFF) - (format >> 8)) << 1 | (x & 1);
    f.pendingDe = 0;
    boolean flush = (env & FpEnv.UNDERFLOW_MASKED) != 0;
    int quiet = FpEnv.suppressed(flush ? env : env & ~FpEnv.FTZ, rc);
    Soft.add(m, x, f.sig, rounded ^ 1, format, quiet, f);
    f.raised = raised | ((control & 8) != 0 ? 0 : f.raised & FpFlags.PE);
  }
}
