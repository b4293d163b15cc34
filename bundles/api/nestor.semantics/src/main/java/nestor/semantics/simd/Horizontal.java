// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** Operations on neighbouring elements, and searches across a vector. */
public final class Horizontal {
  private Horizontal() {}

  /** PHADDW, PHSUBW and their saturating forms: {@code sign} is 1 or -1. */
  public static void words(long t, long a, long b, int sign, boolean saturate, int bytes) {
    int lane = Math.min(bytes, 16);
    int half = lane / 2;
    for (int base = 0; base < bytes; base += lane) {
      for (int k = 0; k < half; k += 2) {
        Mem.putShort(t + base + k, pairOfWords(a + base + 2L * k, sign, saturate));
        Mem.putShort(t + base + half + k, pairOfWords(b + base + 2L * k, sign, saturate));
      }
    }
  }

  private static short pairOfWords(long from, int sign, boolean saturate) {
    int sum = Mem.getShort(from) + sign * Mem.getShort(from + 2);
    return (short) (saturate ? Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE) : sum);
  }

  /** PHADDD and PHSUBD: {@code sign} is 1 or -1. */
  public static void doublewords(long t, long a, long b, int sign, int bytes) {
    int lane = Math.min(bytes, 16);
    int half = lane / 2;
    for (int base = 0; base < bytes; base += lane) {
      for (int k = 0; k < half; k += 4) {
        Mem.putInt(t + base + k, pairOfDoublewords(a + base + 2L * k, sign));
        Mem.putInt(t + base + half + k, pairOfDoublewords(b + base + 2L * k, sign));
      }
    }
  }

  private static int pairOfDoublewords(long from, int sign) {
    return Mem.getInt(from) + sign * Mem.getInt(from + 4);
  }

  /**
   * MPSADBW: eight sums of absolute differences of four bytes, sliding over {@code a}. Each 128-bit
   * lane takes three bits of the immediate.
   */
  public static void slidingDifferences(long t, long a, long b, int imm, int bytes) {
    for (int base = 0; base < bytes; base += 16) {
      int control = imm >> (base == 16 ? 3 : 0);
      long window = a + base + (control & 4);
      long block = b + base + (control & 3) * 4L;
      for (int k = 0; k < 8; k++) {
        int sum = 0;
        for (int n = 0; n < 4; n++) {
          sum += Math.abs((Mem.getByte(window + k + n) & 0xFF) - (Mem.getByte(block + n) & 0xFF));
        }
        Mem.putShort(t + base + 2L * k, (short) sum);
      }
    }
  }

  /** PHMINPOSUW: the smallest unsigned word, its first position, and zeros. */
  public static void minimumPosition(long t, long b) {
    int best = 0;
    int least = Mem.getShort(b) & 0xFFFF;
    for (int k = 1; k < 8; k++) {
      int value = Mem.getShort(b + 2L * k) & 0xFFFF;
      if (value < least) {
        least = value;
        best = k;
      }
    }
    Mem.putLong(t, least | (long) best << 16);
    Mem.putLong(t + 8, 0);
  }

  /** {@return the top bits of all elements of {@code size} bytes, that of the first as bit 0} */
  public static long topBits(long b, int size, int bytes) {
    long r = 0;
    if (size == 1) {
      for (int k = 0; k < bytes; k += 8) {
        // The product moves the eight bits side by side into the top byte.
        r |= ((Mem.getLong(b + k) & Swar.B) * 0x0002_0408_1020_4081L) >>> 56 << k;
      }
      return r;
    }
    for (int k = 0; k < bytes / size; k++) {
      r |= (Mem.getByte(b + (long) k * size + size - 1) >>> 7 & 1L) << k;
    }
    return r;
  }
}
