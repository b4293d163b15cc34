// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * The approximations of reciprocals and reciprocal roots; they raise no exceptions.
 *
 * <p>Unspecified: the manuals bound only the relative error (1.5 * 2^-12, or 2^-14), and processors
 * differ. RCPPS and RSQRTPS return 12-bit values for the middle of the interval that the upper bits
 * of the operand give, so powers of two have inexact reciprocals, as on AMD processors; the 14-bit
 * ones are the exact results rounded to 16 fraction bits.
 */
public final class Approx {
  private static final int SIGN_32 = Integer.MIN_VALUE;
  private static final int INFINITY_32 = 0xFF << 23;
  private static final int DEFAULT_NAN_32 = 0x1FF << 22 | SIGN_32;
  private static final int QUIET_32 = 1 << 22;
  private static final long SIGN_64 = Long.MIN_VALUE;
  private static final long INFINITY_64 = 0x7FFL << 52;
  private static final long DEFAULT_NAN_64 = 0xFFFL << 51 | SIGN_64;
  private static final long QUIET_64 = 1L << 51;

  private Approx() {}

  /** RCPSS: denormals count as zeros, and results that would be denormal are zeros. */
  public static int rcp(int a) {
    int sign = a & SIGN_32;
    int exponent = a >>> 23 & 0xFF;
    if (exponent == 0xFF) {
      return F32.isNan(a) ? a | QUIET_32 : sign;
    }
    if (exponent == 0) {
      return sign | INFINITY_32;
    }
    if (exponent >= 253) {
      return sign;
    }
    double middle = 1 + ((a >>> 12 & 0x7FF) + 0.5) * 0x1p-11;
    int result = (int) Math.rint(8192 / middle);
    return sign | ((253 - exponent) << 23) + ((result - 4096) << 11);
  }

  /** RSQRTSS: denormals count as zeros. */
  public static int rsqrt(int a) {
    int exponent = a >>> 23 & 0xFF;
    if (F32.isNan(a)) {
      return a | QUIET_32;
    }
    if (exponent == 0) {
      return (a & SIGN_32) | INFINITY_32;
    }
    if (a < 0) {
      return DEFAULT_NAN_32;
    }
    if (exponent == 0xFF) {
      return 0;
    }
    double middle = 1 + ((a >>> 12 & 0x7FF) + 0.5) * 0x1p-11;
    int half = (exponent - 127) >> 1;
    if ((exponent & 1) == 0) {
      middle *= 2;
    }
    int result = (int) Math.rint(8192 / Math.sqrt(middle));
    return ((126 - half) << 23) + ((result - 4096) << 11);
  }

  /** VRCP14SS, with MXCSR's DAZ and FTZ. */
  public static int rcp14F32(int a, int env) {
    if (F32.isNan(a)) {
      return a | QUIET_32;
    }
    int operand = F32.flush(a, env);
    double exact = 1 / (double) Float.intBitsToFloat(operand);
    return narrow(exact, env);
  }

  /** VRSQRT14SS, with MXCSR's DAZ. */
  public static int rsqrt14F32(int a, int env) {
    if (F32.isNan(a)) {
      return a | QUIET_32;
    }
    int operand = F32.flush(a, env);
    if (operand << 1 == 0) {
      return operand | INFINITY_32;
    }
    return operand < 0
        ? DEFAULT_NAN_32
        : narrow(1 / Math.sqrt((double) Float.intBitsToFloat(operand)), env);
  }

  /** VRCP14SD, with MXCSR's DAZ and FTZ. */
  public static long rcp14F64(long a, int env) {
    if (F64.isNan(a)) {
      return a | QUIET_64;
    }
    long result = shorten(1 / Double.longBitsToDouble(F64.flush(a, env)));
    return (env & FpEnv.FTZ) != 0 && F64.isDenormal(result) ? result & SIGN_64 : result;
  }

  /** VRSQRT14SD, with MXCSR's DAZ. */
  public static long rsqrt14F64(long a, int env) {
    if (F64.isNan(a)) {
      return a | QUIET_64;
    }
    long operand = F64.flush(a, env);
    if (operand << 1 == 0) {
      return operand | INFINITY_64;
    }
    return operand < 0 ? DEFAULT_NAN_64 : shorten(1 / Math.sqrt(Double.longBitsToDouble(operand)));
  }

  private static int narrow(double exact, int env) {
    int result = Float.floatToRawIntBits((float) Double.longBitsToDouble(shorten(exact)));
    return (env & FpEnv.FTZ) != 0 && F32.isDenormal(result) ? result & SIGN_32 : result;
  }

  /** Rounds to 16 fraction bits, which may carry into the exponent but never past the largest. */
  private static long shorten(double value) {
    long bits = Double.doubleToRawLongBits(value);
    return (bits + (1L << 35)) & -1L << 36;
  }
}
