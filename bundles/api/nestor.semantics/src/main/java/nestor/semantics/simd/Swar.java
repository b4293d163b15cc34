// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

/**
 * Arithmetic on all lanes of a {@code long} at once.
 *
 * <p>The lane width is given by {@code top}, the mask of every lane's highest bit: {@link #B},
 * {@link #W}, {@link #D} or {@link #Q}. Carries are kept inside a lane by computing the top bit
 * apart.
 */
public final class Swar {
  /** Top bits of eight bytes. */
  public static final long B = 0x8080_8080_8080_8080L;

  /** Top bits of four words. */
  public static final long W = 0x8000_8000_8000_8000L;

  /** Top bits of two doublewords. */
  public static final long D = 0x8000_0000_8000_0000L;

  /** Top bit of one quadword. */
  public static final long Q = 0x8000_0000_0000_0000L;

  private Swar() {}

  /** {@return sums, wrapping} */
  public static long add(long a, long b, long top) {
    return ((a & ~top) + (b & ~top)) ^ ((a ^ b) & top);
  }

  /** {@return differences, wrapping} */
  public static long sub(long a, long b, long top) {
    return ((a | top) - (b & ~top)) ^ (~(a ^ b) & top);
  }

  /** {@return all ones in each lane whose top bit is set in {@code bits}, else zeros} */
  public static long spread(long bits, long top) {
    long set = bits & top;
    return (set - (set >>> Long.numberOfTrailingZeros(top))) | set;
  }

  /** {@return {@code yes} where {@code mask} is set, else {@code no}, bit by bit} */
  public static long select(long mask, long yes, long no) {
    return no ^ ((yes ^ no) & mask);
  }

  /** {@return masks of the lanes that are equal} */
  public static long equal(long a, long b, long top) {
    long x = a ^ b;
    return spread(~(((x & ~top) + ~top) | x), top);
  }

  /** {@return masks of the lanes where {@code a < b}, unsigned} */
  public static long below(long a, long b, long top) {
    return spread((~a & b) | ((~a | b) & sub(a, b, top)), top);
  }

  /** {@return masks of the lanes where {@code a > b}, signed} */
  public static long greater(long a, long b, long top) {
    return below(b ^ top, a ^ top, top);
  }

  /** {@return sums, held at the largest unsigned value} */
  public static long addUnsignedSaturated(long a, long b, long top) {
    long sum = add(a, b, top);
    return sum | spread((a & b) | ((a | b) & ~sum), top);
  }

  /** {@return differences, held at zero} */
  public static long subUnsignedSaturated(long a, long b, long top) {
    return sub(a, b, top) & ~below(a, b, top);
  }

  /** {@return sums, held at the signed limits} */
  public static long addSignedSaturated(long a, long b, long top) {
    long sum = add(a, b, top);
    return select(spread(~(a ^ b) & (a ^ sum), top), limit(a, top), sum);
  }

  /** {@return differences, held at the signed limits} */
  public static long subSignedSaturated(long a, long b, long top) {
    long difference = sub(a, b, top);
    return select(spread((a ^ b) & (a ^ difference), top), limit(a, top), difference);
  }

  /** The signed limit on the side of {@code a}: an overflow keeps its direction. */
  private static long limit(long a, long top) {
    return spread(a, top) ^ ~top;
  }

  /** {@return averages, rounded up} */
  public static long average(long a, long b, long top) {
    long lowest = top >>> Long.numberOfTrailingZeros(top);
    return sub(a | b, ((a ^ b) & ~lowest) >>> 1, top);
  }

  /** {@return magnitudes; the most negative value stays} */
  public static long absolute(long a, long top) {
    long negative = spread(a, top);
    return sub(a ^ negative, negative, top);
  }

  /** {@return {@code a} negated where {@code b} is negative, zero where {@code b} is zero} */
  public static long sign(long a, long b, long top) {
    long negative = spread(b, top);
    return sub(a ^ negative, negative, top) & ~equal(b, 0, top);
  }

  /** {@return the smaller, unsigned} */
  public static long minUnsigned(long a, long b, long top) {
    return select(below(a, b, top), a, b);
  }

  /** {@return the larger, unsigned} */
  public static long maxUnsigned(long a, long b, long top) {
    return select(below(a, b, top), b, a);
  }

  /** {@return the smaller, signed} */
  public static long minSigned(long a, long b, long top) {
    return select(greater(a, b, top), b, a);
  }

  /** {@return the larger, signed} */
  public static long maxSigned(long a, long b, long top) {
    return select(greater(a, b, top), a, b);
  }
}
