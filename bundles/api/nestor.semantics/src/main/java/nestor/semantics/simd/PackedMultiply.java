// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

/** Products of packed integers within 64 bits, their sums, and sums of differences. */
public final class PackedMultiply {
  private static final long WORD = 0xFFFF;
  private static final long DWORD = 0xFFFF_FFFFL;

  private PackedMultiply() {}

  /** {@return PMULLW: low halves of word products} */
  public static long lowWords(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= ((a >>> s) * (b >>> s) & WORD) << s;
    }
    return r;
  }

  /** {@return PMULHW: high halves of signed word products} */
  public static long highWords(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= ((short) (a >>> s) * (short) (b >>> s) >> 16 & WORD) << s;
    }
    return r;
  }

  /** {@return PMULHUW: high halves of unsigned word products} */
  public static long highUnsignedWords(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= ((a >>> s & WORD) * (b >>> s & WORD) >>> 16) << s;
    }
    return r;
  }

  /** {@return PMULHRSW: signed word products scaled by 2^-15 and rounded} */
  public static long highRoundedWords(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      int product = (short) (a >>> s) * (short) (b >>> s);
      r |= (((product >> 14) + 1 >> 1) & WORD) << s;
    }
    return r;
  }

  /** {@return PMULLD: low halves of doubleword products} */
  public static long lowDoublewords(long a, long b) {
    return (a * b & DWORD) | (a >>> 32) * (b >>> 32) << 32;
  }

  /** {@return PMULDQ: product of the low signed doublewords} */
  public static long wideSigned(long a, long b) {
    return (long) (int) a * (int) b;
  }

  /** {@return PMULUDQ: product of the low unsigned doublewords} */
  public static long wideUnsigned(long a, long b) {
    return (a & DWORD) * (b & DWORD);
  }

  /** {@return PMADDWD: sums of two neighbouring signed word products} */
  public static long addWordProducts(long a, long b) {
    return pair(wordProducts((int) a, (int) b), wordProducts((int) (a >>> 32), (int) (b >>> 32)));
  }

  /** The sum of the two word products of a doubleword; its 33rd bit is kept. */
  private static long wordProducts(int a, int b) {
    return (long) (short) a * (short) b + (long) (a >> 16) * (b >> 16);
  }

  private static long pair(long low, long high) {
    return low & DWORD | high << 32;
  }

  /**
   * {@return PMADDUBSW: saturated sums of two neighbouring products, unsigned bytes of {@code a} by
   * signed bytes of {@code b}}
   */
  public static long addByteProducts(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      int sum =
          (int) (a >>> s & 0xFF) * (byte) (b >>> s)
              + (int) (a >>> s + 8 & 0xFF) * (byte) (b >>> s + 8);
      r |= (Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE) & WORD) << s;
    }
    return r;
  }

  /** {@return PSADBW: sum of absolute differences of eight unsigned bytes} */
  public static long sumOfDifferences(long a, long b) {
    long sum = 0;
    for (int s = 0; s < 64; s += 8) {
      sum += Math.abs((a >>> s & 0xFF) - (b >>> s & 0xFF));
    }
    return sum;
  }

  /**
   * {@return VPDPBUSD(S): byte products, summed by fours, added to the doublewords of {@code c}}
   */
  public static long accumulateBytes(long c, long a, long b, boolean saturate) {
    return pair(
        accumulate((int) c, byteProducts((int) a, (int) b), saturate),
        accumulate((int) (c >>> 32), byteProducts((int) (a >>> 32), (int) (b >>> 32)), saturate));
  }

  private static long byteProducts(int a, int b) {
    int sum = 0;
    for (int s = 0; s < 32; s += 8) {
      sum += (a >>> s & 0xFF) * (byte) (b >>> s);
    }
    return sum;
  }

  /** {@return VPDPWSSD(S): word products, summed by twos, added to the doublewords of {@code c}} */
  public static long accumulateWords(long c, long a, long b, boolean saturate) {
    return pair(
        accumulate((int) c, wordProducts((int) a, (int) b), saturate),
        accumulate((int) (c >>> 32), wordProducts((int) (a >>> 32), (int) (b >>> 32)), saturate));
  }

  private static long accumulate(int c, long sum, boolean saturate) {
    long r = c + sum;
    return saturate ? Math.clamp(r, Integer.MIN_VALUE, Integer.MAX_VALUE) : r;
  }
}
