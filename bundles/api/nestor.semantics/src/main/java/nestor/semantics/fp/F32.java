// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Arithmetic of SSE and AVX on single-precision values, given and returned as their bits.
 *
 * <p>In round to nearest with ordinary operands and results, Java's own operations are IEEE 754's
 * and therefore the processor's; everything else goes through {@link Soft}. The inexact flag of the
 * fast path comes from an exact residual and is skipped under {@link FpEnv#PE_KNOWN}.
 */
public final class F32 {
  private static final int SIGN = Integer.MIN_VALUE;
  private static final int MIN_NORMAL = 1 << 23;
  private static final int EXPONENT = 0xFF << 23;
  private static final int QUIET = 1 << 22;
  private static final int SAFE = 2 << 23;

  private F32() {}

  /** ADDSS. */
  public static int add(int a, int b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float sum = x + y;
      int result = Float.floatToRawIntBits(sum);
      // A sum that is tiny is exact, and an overflowed one has no residual: both go below.
      if (isNormal(result) || sum == 0) {
        if ((env & FpEnv.PE_KNOWN) == 0 && isInexactSum(x, y, sum)) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.add(m(a, env), x(a), m(b, env), x(b), Rounding.F32, env, f);
    return pack(f);
  }

  /** SUBSS: a - b. */
  public static int sub(int a, int b, int env, FpFlags f) {
    return isNan(b) ? add(a, b, env, f) : add(a, b ^ SIGN, env, f);
  }

  /** MULSS. */
  public static int mul(int a, int b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float product = x * y;
      int result = Float.floatToRawIntBits(product);
      if (isSafe(result)) {
        if ((env & FpEnv.PE_KNOWN) == 0 && (double) x * y != product) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
      if (a << 1 == 0 || b << 1 == 0) {
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.multiply(m(a, env), x(a), m(b, env), x(b), Rounding.F32, env, f);
    return pack(f);
  }

  /** DIVSS: a / b. */
  public static int div(int a, int b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isSafe(a) && isNormal(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float quotient = x / y;
      int result = Float.floatToRawIntBits(quotient);
      if (isSafe(result)) {
        if ((env & FpEnv.PE_KNOWN) == 0 && (double) quotient * y != x) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.divide(m(a, env), x(a), m(b, env), x(b), Rounding.F32, env, f);
    return pack(f);
  }

  /** SQRTSS. */
  public static int sqrt(int a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isSafe(a) && a > 0) {
      float x = Float.intBitsToFloat(a);
      float root = (float) Math.sqrt(x);
      if ((env & FpEnv.PE_KNOWN) == 0 && (double) root * root != x) {
        f.raised |= FpFlags.PE;
      }
      return Float.floatToRawIntBits(root);
    }
    prepare(a, a, env, f);
    Soft.sqrt(m(a, env), x(a), Rounding.F32, env, f);
    return pack(f);
  }

  /**
   * VFMADD and its kin: a * b + c with one rounding. Bit 0 of negate negates the product, bit 1 the
   * addend; of several NaNs the first in the order a, b, c is returned.
   */
  public static int fma(int a, int b, int c, int negate, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b) && isOrdinary(c)) {
      float x = Float.intBitsToFloat(a ^ (negate & 1) << 31);
      float y = Float.intBitsToFloat(b);
      float z = Float.intBitsToFloat(c ^ (negate >> 1 & 1) << 31);
      float sum = Math.fma(x, y, z);
      int result = Float.floatToRawIntBits(sum);
      if (isSafe(result)) {
        if ((env & FpEnv.PE_KNOWN) == 0 && isInexactFma(x, y, z, sum)) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    prepare(a, b, env, f);
    if (isDenormal(c) && (env & FpEnv.DAZ) == 0) {
      f.pendingDe = FpFlags.DE;
    }
    Soft.fma(m(a, env), x(a), m(b, env), x(b), m(c, env), x(c), negate, Rounding.F32, env, f);
    return pack(f);
  }

  /** MINSS: b unless a is less; b for NaNs (IE even for quiet ones) and for two zeros. */
  public static int min(int a, int b, int env, FpFlags f) {
    return compare(a, b, true, env, f) == FpRelation.LESS ? flush(a, env) : flush(b, env);
  }

  /** MAXSS: b unless a is greater; b for NaNs (IE even for quiet ones) and for two zeros. */
  public static int max(int a, int b, int env, FpFlags f) {
    return compare(a, b, true, env, f) == FpRelation.GREATER ? flush(a, env) : flush(b, env);
  }

  /** The {@link FpRelation} of a to b; IE for signalling NaNs, and for quiet ones if asked. */
  public static int compare(int a, int b, boolean signalQuiet, int env, FpFlags f) {
    if (isNan(a) || isNan(b)) {
      if (signalQuiet || isSignallingNan(a) || isSignallingNan(b)) {
        f.raised |= FpFlags.IE;
      }
      return FpRelation.UNORDERED;
    }
    if (isDenormal(a) || isDenormal(b)) {
      if ((env & FpEnv.DAZ) == 0) {
        f.raised |= FpFlags.DE;
      } else {
        a = flush(a, env);
        b = flush(b, env);
      }
    }
    float x = Float.intBitsToFloat(a);
    float y = Float.intBitsToFloat(b);
    if (x == y) {
      return FpRelation.EQUAL;
    }
    return x < y ? FpRelation.LESS : FpRelation.GREATER;
  }

  private static boolean isInexactSum(float x, float y, float sum) {
    // Knuth's TwoSum: the rounding error of a sum is itself a float, unless an intermediate
    // overflows, when the error is no number and counts as inexact: it then is.
    float part = sum - x;
    return (x - (sum - part)) + (y - part) != 0;
  }

  private static boolean isInexactFma(float x, float y, float z, float sum) {
    // The product is exact as a double; the sum's error, too, by TwoSum.
    double product = (double) x * y;
    double exact = product + z;
    double part = exact - product;
    return exact != sum || (product - (exact - part)) + (z - part) != 0;
  }

  /** Whether the value is neither denormal nor infinite nor a NaN. */
  private static boolean isOrdinary(int a) {
    return isNormal(a) || a << 1 == 0;
  }

  private static boolean isNormal(int a) {
    return (a + MIN_NORMAL & EXPONENT & -MIN_NORMAL << 1) != 0;
  }

  /** Whether the value is finite and so large that products and residuals near it are exact. */
  private static boolean isSafe(int a) {
    int exponent = a & EXPONENT;
    return exponent >= SAFE && exponent != EXPONENT;
  }

  static boolean isNan(int a) {
    return (a & ~SIGN) > EXPONENT;
  }

  static boolean isSignallingNan(int a) {
    return isNan(a) && (a & QUIET) == 0;
  }

  static boolean isDenormal(int a) {
    return (a & EXPONENT) == 0 && a << 1 != 0;
  }

  /** The value as arithmetic sees it: under DAZ a denormal is a zero. */
  static int flush(int a, int env) {
    return (env & FpEnv.DAZ) != 0 && isDenormal(a) ? a & SIGN : a;
  }

  /** Notes a denormal operand; call before {@link Soft}. */
  static void prepare(int a, int b, int env, FpFlags f) {
    f.pendingDe = (env & FpEnv.DAZ) == 0 && (isDenormal(a) || isDenormal(b)) ? FpFlags.DE : 0;
  }

  /** The significand of an operand as {@link Soft} takes it. */
  static long m(int a, int env) {
    long fraction = (long) a << 41 >>> 1;
    if ((a & EXPONENT) != 0) {
      return fraction | Soft.TOP;
    }
    if (fraction == 0 || (env & FpEnv.DAZ) != 0) {
      return 0;
    }
    return fraction << Long.numberOfLeadingZeros(fraction);
  }

  /** The sign and exponent of an operand as {@link Soft} takes it. */
  static int x(int a) {
    int exponent = a >>> 23 & 0xFF;
    int sign = a >>> 31;
    if (exponent == 0xFF) {
      return Soft.SPECIAL | sign;
    }
    if (exponent == 0) {
      exponent = 1 - Long.numberOfLeadingZeros((long) a << 41 >>> 1);
    }
    return (exponent - 127) << 1 | sign;
  }

  static int pack(FpFlags f) {
    return f.se >>> 15 << 31 | (f.se & 0x7FFF) << 23 | (int) (f.sig << 1 >>> 41);
  }
}
