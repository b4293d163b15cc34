// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** Permutations of elements, within 128-bit lanes and across them. */
public final class Shuffle {
  private Shuffle() {}

  /** PSHUFB: bytes of {@code a} chosen by {@code b}; a choice with bit 7 set gives zero. */
  public static void bytes(long t, long a, long b, int bytes) {
    int lane = Math.min(bytes, 16);
    for (int k = 0; k < bytes; k++) {
      int choice = Mem.getByte(b + k);
      long from = a + (k & -lane) + (choice & (lane - 1));
      Mem.putByte(t + k, choice < 0 ? 0 : Mem.getByte(from));
    }
  }

  /** PSHUFD, VPERMILPS: doublewords of each lane, chosen by two bits each. */
  public static void doublewords(long t, long b, int imm, int bytes) {
    for (int k = 0; k < bytes; k += 4) {
      int choice = imm >> (k >> 1 & 6) & 3;
      Mem.putInt(t + k, Mem.getInt(b + (k & -16) + 4L * choice));
    }
  }

  /** VPERMILPD: quadwords of each lane, chosen by one bit each. */
  public static void quadwords(long t, long b, int imm, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      Mem.putLong(t + k, Mem.getLong(b + (k & -16) + 8L * (imm >> (k >> 3) & 1)));
    }
  }

  /** {@return PSHUFW, PSHUFLW, PSHUFHW: four words chosen by two bits each} */
  public static long words(long value, int imm) {
    long r = 0;
    for (int k = 0; k < 4; k++) {
      r |= (value >>> 16 * (imm >> 2 * k & 3) & 0xFFFF) << 16 * k;
    }
    return r;
  }

  /** PSHUFLW, PSHUFHW: one half of each lane shuffled, the other copied. */
  public static void halfWords(long t, long b, int imm, boolean high, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      long value = Mem.getLong(b + k);
      Mem.putLong(t + k, ((k & 8) != 0) == high ? words(value, imm) : value);
    }
  }

  /** SHUFPS: two doublewords of {@code a}, then two of {@code b}, in each lane. */
  public static void singles(long t, long a, long b, int imm, int bytes) {
    for (int k = 0; k < bytes; k += 4) {
      long from = (k & 8) == 0 ? a : b;
      int choice = imm >> (k >> 1 & 6) & 3;
      Mem.putInt(t + k, Mem.getInt(from + (k & -16) + 4L * choice));
    }
  }

  /** SHUFPD: a quadword of {@code a}, then one of {@code b}, in each lane. */
  public static void doubles(long t, long a, long b, int imm, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      long from = (k & 8) == 0 ? a : b;
      Mem.putLong(t + k, Mem.getLong(from + (k & -16) + 8L * (imm >> (k >> 3) & 1)));
    }
  }

  /** VPERMILPS with a vector of choices. */
  public static void doublewordsBy(long t, long a, long b, int bytes) {
    for (int k = 0; k < bytes; k += 4) {
      Mem.putInt(t + k, Mem.getInt(a + (k & -16) + 4L * (Mem.getInt(b + k) & 3)));
    }
  }

  /** VPERMILPD with a vector of choices: bit 1 of each. */
  public static void quadwordsBy(long t, long a, long b, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      Mem.putLong(t + k, Mem.getLong(a + (k & -16) + 4L * (Mem.getInt(b + k) & 2)));
    }
  }

  /** VPERMD, VPERMPS, VPERMQ, VPERMW, VPERMB: elements of {@code b} from anywhere, by {@code a}. */
  public static void anywhere(long t, long a, long b, int size, int bytes) {
    int last = bytes / size - 1;
    for (int k = 0; k < bytes; k += size) {
      long choice = Mem.get(a + k, size) & last;
      Mem.put(t + k, size, Mem.get(b + choice * size, size));
    }
  }

  /** VPERMQ, VPERMPD with an immediate: quadwords within 256 bits. */
  public static void quadwordsAnywhere(long t, long b, int imm, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      Mem.putLong(t + k, Mem.getLong(b + (k & -32) + 8L * (imm >> (k >> 2 & 6) & 3)));
    }
  }

  /** VPERM2F128, VPERM2I128: two of the four halves, or zeros. */
  public static void halves(long t, long a, long b, int imm) {
    for (int k = 0; k < 2; k++) {
      int control = imm >> 4 * k;
      long from = ((control & 2) == 0 ? a : b) + 16L * (control & 1);
      boolean zero = (control & 8) != 0;
      Mem.putLong(t + 16L * k, zero ? 0 : Mem.getLong(from));
      Mem.putLong(t + 16L * k + 8, zero ? 0 : Mem.getLong(from + 8));
    }
  }

  /** PALIGNR: each lane of {@code a} over that of {@code b}, shifted right by bytes. */
  public static void align(long t, long a, long b, int shift, int bytes) {
    int lane = Math.min(bytes, 16);
    for (int k = 0; k < bytes; k++) {
      int base = k & -lane;
      int from = (k - base) + shift;
      byte value = 0;
      if (from < lane) {
        value = Mem.getByte(b + base + from);
      } else if (from < 2 * lane) {
        value = Mem.getByte(a + base + from - lane);
      }
      Mem.putByte(t + k, value);
    }
  }

  /** PSLLDQ (positive) and PSRLDQ (negative): each lane shifted by bytes. */
  public static void shiftBytes(long t, long a, int shift, int bytes) {
    for (int k = 0; k < bytes; k++) {
      int from = (k & 15) - shift;
      boolean inside = from >= 0 && from < 16;
      Mem.putByte(t + k, inside ? Mem.getByte(a + (k & -16) + from) : 0);
    }
  }

  /** Elements of {@code b} where the immediate's bit is set, else of {@code a}. */
  public static void blend(long t, long a, long b, int size, int imm, int bytes) {
    for (int k = 0; k < bytes / size; k++) {
      long offset = (long) k * size;
      Mem.put(t + offset, size, Mem.get(((imm >> k & 1) != 0 ? b : a) + offset, size));
    }
  }

  /**
   * Elements of {@code b} where the mask's top bit is set, else of {@code a}; {@code top} as in
   * {@link Swar}.
   */
  public static void blendBy(long t, long a, long b, long mask, long top, int bytes) {
    for (int k = 0; k < bytes; k += 8) {
      long chosen = Swar.spread(Mem.getLong(mask + k), top);
      Mem.putLong(t + k, Swar.select(chosen, Mem.getLong(b + k), Mem.getLong(a + k)));
    }
  }

  /** Copies a block of {@code size} bytes everywhere; it may lie at {@code t}. */
  public static void repeat(long t, long b, int size, int bytes) {
    if (size <= 8) {
      broadcast(t, Mem.get(b, size), size, bytes);
      return;
    }
    for (int k = 0; k < bytes; k += size) {
      Mem.copy(b, t + k, size);
    }
  }

  /** Copies one element everywhere. */
  public static void broadcast(long t, long value, int size, int bytes) {
    for (int k = 0; k < bytes; k += size) {
      Mem.put(t + k, size, value);
    }
  }
}
