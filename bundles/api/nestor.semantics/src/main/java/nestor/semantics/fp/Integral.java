// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** Between integers and operands of {@link Soft}, and rounding to integral values. */
final class Integral {
  private Integral() {}

  /** The integer nearest by rc, or IE and the "integer indefinite" value of the size. */
  static long toInteger(long m, int x, int bits, boolean unsigned, int rc, FpFlags f) {
    int sign = x & 1;
    int e = x >> 1;
    if (m == 0) {
      return 0;
    }
    if (e >= 64) {
      return indefinite(bits, unsigned, f);
    }
    long lost = lost(m, e);
    long magnitude = e < 0 ? 0 : m >>> (63 - e);
    boolean up = Rounding.up(sign, lost, (magnitude & 1) != 0, rc);
    // Rounding cannot carry out of 64 bits: with 64 integer bits nothing is lost.
    magnitude += up ? 1 : 0;
    boolean fits;
    if (unsigned) {
      fits = sign != 0 ? magnitude == 0 : bits == 64 || magnitude >>> bits == 0;
    } else {
      fits = !Wide.less((1L << (bits - 1)) - 1 + sign, magnitude);
    }
    if (!fits) {
      return indefinite(bits, unsigned, f);
    }
    if (lost != 0) {
      f.raised |= FpFlags.PE;
      f.roundedUp = up;
    }
    return sign != 0 ? -magnitude : magnitude;
  }

  private static long indefinite(int bits, boolean unsigned, FpFlags f) {
    f.raised |= FpFlags.IE;
    return unsigned ? -1L >>> (64 - bits) : -1L << (bits - 1);
  }

  /** The fraction bits below the integer, the half first. */
  private static long lost(long m, int e) {
    if (e >= 63) {
      return 0;
    }
    return e >= -1 ? m << (e + 1) : 1;
  }

  /** Stores an integer of either signedness, rounded to the format. */
  static void fromInteger(long value, boolean unsigned, int format, int env, FpFlags f) {
    int sign = !unsigned && value < 0 ? 1 : 0;
    long magnitude = sign != 0 ? -value : value;
    if (magnitude == 0) {
      Rounding.zero(0, f);
      return;
    }
    int n = Long.numberOfLeadingZeros(magnitude);
    Rounding.finish(sign, 63 - n, magnitude << n, 0, format, env, f);
  }

  /** Stores the integral value nearest by rc of an operand that is neither NaN nor infinity. */
  static void round(long m, int x, int format, int rc, boolean reportInexact, FpFlags f) {
    int sign = x & 1;
    int e = x >> 1;
    if (m == 0) {
      Rounding.zero(sign, f);
      return;
    }
    long lost = lost(m, e);
    if (lost == 0) {
      Rounding.finish(sign, e, m, 0, format, 0, f);
      return;
    }
    long magnitude = e < 0 ? 0 : m >>> (63 - e);
    boolean up = Rounding.up(sign, lost, (magnitude & 1) != 0, rc);
    magnitude += up ? 1 : 0;
    if (reportInexact) {
      f.raised |= FpFlags.PE;
      f.roundedUp = up;
    }
    if (magnitude == 0) {
      Rounding.zero(sign, f);
    } else {
      int n = Long.numberOfLeadingZeros(magnitude);
      Rounding.finish(sign, 63 - n, magnitude << n, 0, format, 0, f);
    }
  }
}
