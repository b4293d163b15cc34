// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** FPREM and FPREM1: exact remainders, in steps when the operands' exponents are far apart. */
public final class F80Remainder {
  /** The reduction is not complete: C2 is to be set. */
  public static final int PARTIAL = -1;

  /** The result is a NaN: C2 is cleared, C0 and C3 stay as they were. */
  public static final int NO_QUOTIENT = -2;

  private F80Remainder() {}

  /**
   * FPREM (quotient truncated) or FPREM1 (nearest, ties to even). The remainder is stored; returned
   * are the three low bits of the quotient, {@link #PARTIAL} or {@link #NO_QUOTIENT}.
   */
  public static int remainder(
      long sigA, int seA, long sigB, int seB, boolean nearest, int env, FpFlags f) {
    if (!F80.prepare(sigA, seA, sigB, seB, f)) {
      return NO_QUOTIENT;
    }
    long ma = F80.m(sigA, seA);
    int xa = F80.x(sigA, seA);
    long mb = F80.m(sigB, seB);
    int xb = F80.x(sigB, seB);
    if (Soft.isNan(ma, xa) || Soft.isNan(mb, xb)) {
      Nan.propagate(ma, xa, mb, xb, Rounding.F80, f);
      return NO_QUOTIENT;
    }
    if (xa >= Soft.SPECIAL || mb == 0) {
      Rounding.invalid(Rounding.F80, f);
      return NO_QUOTIENT;
    }
    f.takeDenormal();
    if (ma == 0) {
      F80.set(sigA, seA, f);
      return 0;
    }
    int distance = (xa >> 1) - (xb >> 1);
    if (xb >= Soft.SPECIAL || distance < -1 || (distance < 0 && !nearest)) {
      Rounding.finish(xa & 1, xa >> 1, ma, 0, Rounding.F80, env, f);
      return 0;
    }
    return reduce(ma, xa, mb, xb >> 1, distance, nearest, env, f);
  }

  private static int reduce(
      long ma, int xa, long mb, int eb, int distance, boolean nearest, int env, FpFlags f) {
    boolean partial = distance >= 64;
    int shift = partial ? (distance & 31) + 32 : distance;
    int sign = xa & 1;
    long remainder = ma;
    long quotient = 0;
    if (distance < 0) {
      // Half of the divisor against the dividend: keep one place more for both.
      return reduceBelow(ma, sign, mb, eb, env, f);
    }
    if (!Wide.less(ma, mb)) {
      remainder -= mb;
      quotient = 1;
    }
    if (shift != 0) {
      long part = Wide.divide(remainder >>> -shift, remainder << shift, mb, f);
      quotient = quotient << shift | part;
      remainder = f.low;
    }
    if (nearest && !partial) {
      long rest = mb - remainder;
      if (Wide.less(rest, remainder) || (rest == remainder && (quotient & 1) != 0)) {
        remainder = rest;
        sign ^= 1;
        quotient++;
      }
    }
    store(sign, xa & 1, eb + distance - shift, remainder, env, f);
    return partial ? PARTIAL : (int) quotient & 7;
  }

  /** FPREM1 when a is in [b/4, b): the quotient is 0 or 1. */
  private static int reduceBelow(long ma, int sign, long mb, int eb, int env, FpFlags f) {
    if (Wide.less(mb, ma)) {
      // b - a in units of a's last place: 2 * mb - ma, which is below 2^64.
      store(sign ^ 1, sign, eb - 1, (mb << 1) - ma, env, f);
      return 1;
    }
    Rounding.finish(sign, eb - 1, ma, 0, Rounding.F80, env, f);
    return 0;
  }

  private static void store(int sign, int zeroSign, int e, long remainder, int env, FpFlags f) {
    if (remainder == 0) {
      Rounding.zero(zeroSign, f);
    } else {
      Soft.normalise(sign, e, remainder, 0, Rounding.F80, env, f);
    }
  }
}
