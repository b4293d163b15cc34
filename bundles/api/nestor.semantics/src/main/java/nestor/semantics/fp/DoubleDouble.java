// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * A number of about 104 bits as the unevaluated sum of two doubles, changed in place.
 *
 * <p>Java's doubles and {@link Math#fma} are IEEE 754's on every host, so what is computed with
 * these is the same everywhere. Each operation errs by a few units of the 104th bit.
 */
final class DoubleDouble {
  double high;
  double low;

  void set(double h, double l) {
    high = h;
    low = l;
  }

  void set(DoubleDouble other) {
    high = other.high;
    low = other.low;
  }

  /** Sets the value {@code hi:lo / 2^127}, bit 63 of hi set, truncated to 106 bits. */
  void setSignificand(long hi, long lo) {
    double h = (double) (hi >>> 11) * 0x1p-52;
    double l = (double) ((hi & 0x7FF) << 42 | lo >>> 22) * 0x1p-105;
    high = h + l;
    low = l - (high - h);
  }

  /** Multiplies by a power of two; far below one the value becomes zero. */
  void scale(int exponent) {
    double factor = exponent < -400 ? 0 : Math.scalb(1.0, exponent);
    high *= factor;
    low *= factor;
  }

  void negate() {
    high = -high;
    low = -low;
  }

  void add(double h, double l) {
    double sum = high + h;
    double part = sum - high;
    double error = (high - (sum - part)) + (h - part);
    double lows = low + l;
    part = lows - low;
    double lowError = (low - (lows - part)) + (l - part);
    error += lows;
    double total = sum + error;
    error -= total - sum;
    error += lowError;
    high = total + error;
    low = error - (high - total);
  }

  void add(DoubleDouble other) {
    add(other.high, other.low);
  }

  void multiply(double h, double l) {
    double product = high * h;
    double error = Math.fma(high, h, -product) + (high * l + low * h);
    high = product + error;
    low = error - (high - product);
  }

  void multiply(DoubleDouble other) {
    multiply(other.high, other.low);
  }

  void divide(DoubleDouble divisor) {
    double first = high / divisor.high;
    subtractProduct(first, divisor);
    double second = high / divisor.high;
    subtractProduct(second, divisor);
    double third = high / divisor.high;
    high = first + second;
    low = second - (high - first);
    add(third, 0);
  }

  private void subtractProduct(double factor, DoubleDouble other) {
    double product = factor * other.high;
    double error = Math.fma(factor, other.high, -product);
    double second = factor * other.low;
    add(-product, -error);
    add(-second, -Math.fma(factor, other.low, -second));
  }

  /**
   * Sets the polynomial in z whose coefficients the table gives as pairs, constant first. The upper
   * half of the terms is worth less than 2^-34 of the whole in all tables, so a double holds it.
   */
  void setPolynomial(double[] table, DoubleDouble z) {
    int k = table.length - 2;
    int half = table.length / 4 * 2;
    double upper = table[k];
    for (k -= 2; k >= half; k -= 2) {
      upper = Math.fma(upper, z.high, table[k]);
    }
    set(upper, 0);
    for (; k >= 0; k -= 2) {
      multiply(z.high, z.low);
      add(table[k], table[k + 1]);
    }
  }

  /**
   * Stores this number times {@code 2^scale}, which is an approximation of an irrational one, as
   * the x87 result of the instruction: rounded to 64 bits whatever the precision control, PE
   * raised.
   */
  void store(int sign, int scale, int env, FpFlags f) {
    int resultSign = high < 0 ? sign ^ 1 : sign;
    int e = Math.getExponent(high);
    long hi = ((Double.doubleToRawLongBits(high) & (1L << 52) - 1) | 1L << 52) << 11;
    long lo = 0;
    if (low != 0) {
      int distance = Math.min(e - Math.getExponent(low), 127);
      long tail = ((Double.doubleToRawLongBits(low) & (1L << 52) - 1) | 1L << 52) << 11;
      long tailHigh = distance < 64 ? tail >>> distance : 0;
      long tailLow = distance < 64 ? tail << -distance : tail >>> (distance - 64);
      if (low < 0 == high < 0) {
        lo = tailLow;
        hi += tailHigh;
      } else {
        lo = -tailLow;
        hi -= tailHigh + Wide.sticky(tailLow);
      }
    }
    // Tiny results are inexact even where the approximation happens to have no more bits.
    Soft.normalise(resultSign, e + scale, hi, lo | 1, Rounding.F80, env, f);
    f.raised |= FpFlags.PE;
  }
}
