// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import java.math.BigInteger;

/**
 * IEEE 754 rounding of exact fractions by big integers: slow, and nothing like the code under test.
 */
record Reference(BigInteger numerator, BigInteger denominator) implements Comparable<Reference> {
  /** A format by its precision and largest exponent. */
  record Format(int precision, int largest) {
    static final Format F32 = new Format(24, 127);
    static final Format F64 = new Format(53, 1023);
  }

  /** A result: sign, integer significand, exponent of its last place, flags. */
  record Rounded(boolean negative, BigInteger significand, int exponent, int flags) {}

  static Reference of(boolean negative, BigInteger significand, int exponent) {
    BigInteger signed = negative ? significand.negate() : significand;
    return exponent >= 0
        ? new Reference(signed.shiftLeft(exponent), BigInteger.ONE)
        : new Reference(signed, BigInteger.ONE.shiftLeft(-exponent));
  }

  static Reference of(double value) {
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) & 0x7FF;
    long fraction = bits & (1L << 52) - 1;
    long significand = exponent == 0 ? fraction : fraction | 1L << 52;
    return of(bits < 0, BigInteger.valueOf(significand), Math.max(exponent, 1) - 1075);
  }

  Reference plus(Reference other) {
    return new Reference(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  Reference times(Reference other) {
    return new Reference(
        numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  Reference over(Reference other) {
    BigInteger top = numerator.multiply(other.denominator);
    BigInteger bottom = denominator.multiply(other.numerator);
    return bottom.signum() < 0
        ? new Reference(top.negate(), bottom.negate())
        : new Reference(top, bottom);
  }

  /** The root, or if irrational a fraction on the same side of all values a format can round at. */
  Reference root() {
    int half = denominator.bitLength() + 200;
    BigInteger scaled = numerator.shiftLeft(2 * half).divide(denominator);
    BigInteger root = scaled.sqrt();
    boolean exact = root.multiply(root).multiply(denominator).equals(numerator.shiftLeft(2 * half));
    return new Reference(
        root.shiftLeft(1).add(exact ? BigInteger.ZERO : BigInteger.ONE),
        BigInteger.ONE.shiftLeft(half + 1));
  }

  Reference magnitude() {
    return new Reference(numerator.abs(), denominator);
  }

  @Override
  public int compareTo(Reference other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  boolean isZero() {
    return numerator.signum() == 0;
  }

  /** The masked response for a nonzero value. */
  Rounded round(Format format, int rc, boolean ftz) {
    boolean negative = numerator.signum() < 0;
    BigInteger top = numerator.abs();
    int e = top.bitLength() - denominator.bitLength();
    if (compareToPower(top, e) < 0) {
      e--;
    }
    int smallest = 1 - format.largest;
    int lastPlace = e - format.precision + 1;
    Rounded free = at(lastPlace, negative, top, rc);
    boolean tiny = free.significand.bitLength() + free.exponent - 1 < smallest;
    if (tiny && ftz) {
      return new Rounded(negative, BigInteger.ZERO, 0, FpFlags.UE | FpFlags.PE);
    }
    Rounded result = at(Math.max(lastPlace, smallest - format.precision + 1), negative, top, rc);
    if (tiny && result.flags != 0) {
      return new Rounded(negative, result.significand, result.exponent, FpFlags.UE | FpFlags.PE);
    }
    if (result.significand.bitLength() + result.exponent - 1 > format.largest) {
      boolean infinite = rc == FpEnv.NEAREST || rc == (negative ? FpEnv.DOWN : FpEnv.UP);
      BigInteger largest = BigInteger.ONE.shiftLeft(format.precision).subtract(BigInteger.ONE);
      return new Rounded(
          negative,
          infinite ? null : largest,
          format.largest - format.precision + 1,
          FpFlags.OE | FpFlags.PE);
    }
    return result;
  }

  private int compareToPower(BigInteger top, int e) {
    return e >= 0
        ? top.compareTo(denominator.shiftLeft(e))
        : top.shiftLeft(-e).compareTo(denominator);
  }

  private Rounded at(int lastPlace, boolean negative, BigInteger top, int rc) {
    BigInteger dividend = lastPlace < 0 ? top.shiftLeft(-lastPlace) : top;
    BigInteger divisor = lastPlace > 0 ? denominator.shiftLeft(lastPlace) : denominator;
    BigInteger[] parts = dividend.divideAndRemainder(divisor);
    BigInteger kept = parts[0];
    if (parts[1].signum() == 0) {
      return new Rounded(negative, kept, lastPlace, 0);
    }
    int half = parts[1].shiftLeft(1).compareTo(divisor);
    boolean up =
        switch (rc) {
          case FpEnv.NEAREST -> half > 0 || (half == 0 && kept.testBit(0));
          case FpEnv.DOWN -> negative;
          case FpEnv.UP -> !negative;
          default -> false;
        };
    return new Rounded(negative, up ? kept.add(BigInteger.ONE) : kept, lastPlace, FpFlags.PE);
  }
}
