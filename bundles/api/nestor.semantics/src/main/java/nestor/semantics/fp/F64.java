// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Arithmetic of SSE and AVX on double-precision values, given and returned as their bits.
 *
 * <p>In round to nearest with ordinary operands and results, Java's own operations are IEEE 754's
 * and therefore the processor's; everything else goes through {@link Soft}. The inexact flag of the
 * fast path comes from an exact residual and is skipped under {@link FpEnv#PE_KNOWN}.
 */
public final class F64 {
  private static final long SIGN = Long.MIN_VALUE;
  private static final long MIN_NORMAL = 1L << 52;
  private static final long EXPONENT = 0x7FFL << 52;
  private static final long QUIET = 1L << 51;
  private static final long SAFE = 128L << 52;

  private F64() {}

  /** ADDSD. */
  public static long add(long a, long b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double sum = x + y;
      long result = Double.doubleToRawLongBits(sum);
      // A sum that is tiny is exact, and an overflowed one has no residual: both go below.
      if (isNormal(result) || sum == 0) {
        if ((env & FpEnv.PE_KNOWN) == 0 && isInexactSum(x, y, sum)) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.add(m(a, env), x(a), m(b, env), x(b), Rounding.F64, env, f);
    return pack(f);
  }

  /** SUBSD: a - b. */
  public static long sub(long a, long b, int env, FpFlags f) {
    return isNan(b) ? add(a, b, env, f) : add(a, b ^ SIGN, env, f);
  }

  /** MULSD. */
  public static long mul(long a, long b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double product = x * y;
      long result = Double.doubleToRawLongBits(product);
      if (isSafe(result)) {
        if ((env & FpEnv.PE_KNOWN) == 0 && Math.fma(x, y, -product) != 0) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
      if (a << 1 == 0 || b << 1 == 0) {
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.multiply(m(a, env), x(a), m(b, env), x(b), Rounding.F64, env, f);
    return pack(f);
  }

  /** DIVSD: a / b. */
  public static long div(long a, long b, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isSafe(a) && isNormal(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double quotient = x / y;
      long result = Double.doubleToRawLongBits(quotient);
      if (isSafe(result)) {
        if ((env & FpEnv.PE_KNOWN) == 0 && Math.fma(-quotient, y, x) != 0) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    prepare(a, b, env, f);
    Soft.divide(m(a, env), x(a), m(b, env), x(b), Rounding.F64, env, f);
    return pack(f);
  }

  /** SQRTSD. */
  public static long sqrt(long a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isSafe(a) && a > 0) {
      double x = Double.longBitsToDouble(a);
      double root = Math.sqrt(x);
      if ((env & FpEnv.PE_KNOWN) == 0 && Math.fma(-root, root, x) != 0) {
        f.raised |= FpFlags.PE;
      }
      return Double.doubleToRawLongBits(root);
    }
    prepare(a, a, env, f);
    Soft.sqrt(m(a, env), x(a), Rounding.F64, env, f);
    return pack(f);
  }

  /**
   * VFMADD and its kin: a * b + c with one rounding. Bit 0 of negate negates the product, bit 1 the
   * addend; of several NaNs the first in the order a, b, c is returned.
   */
  public static long fma(long a, long b, long c, int negate, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0 && isOrdinary(a) && isOrdinary(b) && isOrdinary(c)) {
      double x = Double.longBitsToDouble(a ^ (long) (negate & 1) << 63);
      double y = Double.longBitsToDouble(b);
      double z = Double.longBitsToDouble(c ^ (long) (negate >> 1 & 1) << 63);
      double sum = Math.fma(x, y, z);
      long result = Double.doubleToRawLongBits(sum);
      if (isSafe(result)
          && ((env & FpEnv.PE_KNOWN) != 0 || isSafe(Double.doubleToRawLongBits(x * y)))) {
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
    Soft.fma(m(a, env), x(a), m(b, env), x(b), m(c, env), x(c), negate, Rounding.F64, env, f);
    return pack(f);
  }

  /** MINSD: b unless a is less; b for NaNs (IE even for quiet ones) and for two zeros. */
  public static long min(long a, long b, int env, FpFlags f) {
    return compare(a, b, true, env, f) == FpRelation.LESS ? flush(a, env) : flush(b, env);
  }

  /** MAXSD: b unless a is greater; b for NaNs (IE even for quiet ones) and for two zeros. */
  public static long max(long a, long b, int env, FpFlags f) {
    return compare(a, b, true, env, f) == FpRelation.GREATER ? flush(a, env) : flush(b, env);
  }

  /** The {@link FpRelation} of a to b; IE for signalling NaNs, and for quiet ones if asked. */
  public static int compare(long a, long b, boolean signalQuiet, int env, FpFlags f) {
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
    double x = Double.longBitsToDouble(a);
    double y = Double.longBitsToDouble(b);
    if (x == y) {
      return FpRelation.EQUAL;
    }
    return x < y ? FpRelation.LESS : FpRelation.GREATER;
  }

  private static boolean isInexactSum(double x, double y, double sum) {
    // Knuth's TwoSum: the rounding error of a sum is itself a double, unless an intermediate
    // overflows, when the error is no number and counts as inexact: it then is.
    double part = sum - x;
    return (x - (sum - part)) + (y - part) != 0;
  }

  private static boolean isInexactFma(double x, double y, double z, double sum) {
    // Boldo and Muller, "Exact and Approximated Error of the FMA": the sum of the products' two
    // halves and z, minus the rounded result.
    double high = x * y;
    double low = Math.fma(x, y, -high);
    double part = z + low;
    double tail = part - z;
    double partError = (z - (part - tail)) + (low - tail);
    double upper = high + part;
    tail = upper - high;
    double upperError = (high - (upper - tail)) + (part - tail);
    return ((upper - sum) + upperError) + partError != 0;
  }

  /** Whether the value is neither denormal nor infinite nor a NaN. */
  private static boolean isOrdinary(long a) {
    return isNormal(a) || a << 1 == 0;
  }

  private static boolean isNormal(long a) {
    return (a + MIN_NORMAL & EXPONENT & -MIN_NORMAL << 1) != 0;
  }

  /** Whether the value is finite and so large that products and residuals near it are exact. */
  private static boolean isSafe(long a) {
    long exponent = a & EXPONENT;
    return exponent >= SAFE && exponent != EXPONENT;
  }

  static boolean isNan(long a) {
    return (a & ~SIGN) > EXPONENT;
  }

  static boolean isSignallingNan(long a) {
    return isNan(a) && (a & QUIET) == 0;
  }

  static boolean isDenormal(long a) {
    return (a & EXPONENT) == 0 && a << 1 != 0;
  }

  /** The value as arithmetic sees it: under DAZ a denormal is a zero. */
  static long flush(long a, int env) {
    return (env & FpEnv.DAZ) != 0 && isDenormal(a) ? a & SIGN : a;
  }

  /** Notes a denormal operand; call before {@link Soft}. */
  static void prepare(long a, long b, int env, FpFlags f) {
    f.pendingDe = (env & FpEnv.DAZ) == 0 && (isDenormal(a) || isDenormal(b)) ? FpFlags.DE : 0;
  }

  /** The significand of an operand as {@link Soft} takes it. */
  static long m(long a, int env) {
    long fraction = a << 12 >>> 1;
    if ((a & EXPONENT) != 0) {
      return fraction | Soft.TOP;
    }
    if (fraction == 0 || (env & FpEnv.DAZ) != 0) {
      return 0;
    }
    return fraction << Long.numberOfLeadingZeros(fraction);
  }

  /** The sign and exponent of an operand as {@link Soft} takes it. */
  static int x(long a) {
    int exponent = (int) (a >>> 52) & 0x7FF;
    int sign = (int) (a >>> 63);
    if (exponent == 0x7FF) {
      return Soft.SPECIAL | sign;
    }
    if (exponent == 0) {
      exponent = 1 - Long.numberOfLeadingZeros(a << 12 >>> 1);
    }
    return (exponent - 1023) << 1 | sign;
  }

  static long pack(FpFlags f) {
    return (long) f.se >>> 15 << 63 | (f.se & 0x7FFFL) << 52 | f.sig << 1 >>> 12;
  }
}
