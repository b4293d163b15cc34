// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** FPATAN, within one unit of the last place; the precision control has no effect. */
public final class F80Arctan {
  /** From this distance of exponents on, the smaller operand only tells which way to round. */
  private static final int FAR = 70;

  private static final int SMALL = -40;

  private F80Arctan() {}

  /** The angle of the point (x, y); x is ST(0), y is ST(1). */
  public static void atan(long sigY, int seY, long sigX, int seX, int env, FpFlags f) {
    if (!F80.prepare(sigX, seX, sigY, seY, f)) {
      return;
    }
    long mx = F80.m(sigX, seX);
    int wordX = F80.x(sigX, seX);
    long my = F80.m(sigY, seY);
    int wordY = F80.x(sigY, seY);
    if (Soft.isNan(mx, wordX) || Soft.isNan(my, wordY)) {
      Nan.propagate(mx, wordX, my, wordY, Rounding.F80, f);
      return;
    }
    f.takeDenormal();
    boolean left = (wordX & 1) != 0;
    int sign = wordY & 1;
    if (wordX >= Soft.SPECIAL && wordY >= Soft.SPECIAL) {
      // A quarter pi, or three of them.
      axis(left ? 3 : 1, -2, sign, env, f);
    } else if (my == 0 || wordX >= Soft.SPECIAL) {
      if (left) {
        axis(1, 0, sign, env, f);
      } else {
        Rounding.zero(sign, f);
      }
    } else if (mx == 0 || wordY >= Soft.SPECIAL) {
      axis(1, -1, sign, env, f);
    } else {
      int distance = (wordX >> 1) - (wordY >> 1);
      boolean steep = distance < 0 || (distance == 0 && Wide.less(mx, my));
      if (steep) {
        ratio(mx, my, -distance, true, left, sign, env, f);
      } else {
        ratio(my, mx, distance, false, left, sign, env, f);
      }
    }
  }

  /** Stores a multiple of pi. */
  private static void axis(int times, int scale, int sign, int env, FpFlags f) {
    f.x.set(TrigTable.PI_HIGH, TrigTable.PI_LOW);
    f.x.multiply(times, 0);
    f.x.store(sign, scale, env, f);
  }

  /** Stores the angle whose tangent, or if steep cotangent, is a / b / 2^distance, at most 1. */
  private static void ratio(
      long a, long b, int distance, boolean steep, boolean left, int sign, int env, FpFlags f) {
    f.x.setSignificand(a, 0);
    f.y.setSignificand(b, 0);
    double t = distance > FAR ? 0 : Math.scalb(f.x.high, -distance) / f.y.high;
    int k = (int) (t * 8 + 0.5);
    int scale = -distance;
    if (k != 0) {
      // tan(u - v) = (tan u - tan v) / (1 + tan u tan v), with tan v = k / 8.
      double c = k * 0.125;
      f.x.scale(-distance);
      f.z.set(f.x);
      f.z.multiply(c, 0);
      f.z.add(f.y);
      f.y.multiply(-c, 0);
      f.x.add(f.y);
      f.y.set(f.z);
      scale = 0;
    }
    f.x.divide(f.y);
    f.z.set(f.x);
    f.z.scale(scale);
    f.z.multiply(f.z);
    f.y.setPolynomial(TrigTable.ATAN, f.z);
    f.x.multiply(f.y);
    if (k == 0 && !steep && !left) {
      if (scale < SMALL) {
        // The next term of the series is lost, but rounding has to see that it is there.
        f.x.add(0, -f.x.high * 0x1p-110);
      }
      f.x.store(sign, scale, env, f);
      return;
    }
    f.x.scale(scale);
    f.x.add(TrigTable.ATAN_OF_EIGHTHS[2 * k], TrigTable.ATAN_OF_EIGHTHS[2 * k + 1]);
    if (steep) {
      f.x.negate();
      f.x.add(TrigTable.HALF_PI_HIGH, TrigTable.HALF_PI_LOW);
    }
    if (left) {
      f.x.negate();
      f.x.add(TrigTable.PI_HIGH, TrigTable.PI_LOW);
    }
    f.x.store(sign, 0, env, f);
  }
}
