// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** VFPCLASS: whether a value is of one of the classes that the immediate's bits name. */
public final class FpClass {
  private static final int QUIET_NAN = 1;
  private static final int POSITIVE_ZERO = 2;
  private static final int NEGATIVE_ZERO = 4;
  private static final int POSITIVE_INFINITY = 8;
  private static final int NEGATIVE_INFINITY = 16;
  private static final int DENORMAL = 32;
  private static final int NEGATIVE = 64;
  private static final int SIGNALLING_NAN = 128;

  private FpClass() {}

  /** VFPCLASSSS; under DAZ a denormal is a zero. Raises nothing. */
  public static boolean matchesF32(int a, int classes, int env) {
    int value = F32.flush(a, env);
    int bits =
        classes(
            F32.isNan(value),
            F32.isSignallingNan(value),
            value << 1 == 0,
            value << 1 == 0xFF << 24,
            F32.isDenormal(value),
            value < 0);
    return (bits & classes) != 0;
  }

  /** VFPCLASSSD; under DAZ a denormal is a zero. Raises nothing. */
  public static boolean matchesF64(long a, int classes, int env) {
    long value = F64.flush(a, env);
    int bits =
        classes(
            F64.isNan(value),
            F64.isSignallingNan(value),
            value << 1 == 0,
            value << 1 == 0x7FFL << 53,
            F64.isDenormal(value),
            value < 0);
    return (bits & classes) != 0;
  }

  private static int classes(
      boolean nan,
      boolean signalling,
      boolean zero,
      boolean infinite,
      boolean denormal,
      boolean negative) {
    if (nan) {
      return signalling ? SIGNALLING_NAN : QUIET_NAN;
    }
    if (zero) {
      return negative ? NEGATIVE_ZERO : POSITIVE_ZERO;
    }
    if (infinite) {
      return negative ? NEGATIVE_INFINITY : POSITIVE_INFINITY;
    }
    return (denormal ? DENORMAL : 0) | (negative ? NEGATIVE : 0);
  }
}
