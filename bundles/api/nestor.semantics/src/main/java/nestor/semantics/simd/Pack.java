// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** Changes of element width: packing with saturation, interleaving, extension. */
public final class Pack {
  private Pack() {}

  /** PACKSSWB and PACKUSWB: words to bytes, held between {@code min} and {@code max}. */
  public static void words(long t, long a, long b, int min, int max, int bytes) {
    int lane = Math.min(bytes, 16);
    int half = lane / 2;
    for (int base = 0; base < bytes; base += lane) {
      for (int k = 0; k < half; k++) {
        int x = Mem.getShort(a + base + 2L * k);
        int y = Mem.getShort(b + base + 2L * k);
        Mem.putByte(t + base + k, (byte) Math.clamp(x, min, max));
        Mem.putByte(t + base + half + k, (byte) Math.clamp(y, min, max));
      }
    }
  }

  /** PACKSSDW and PACKUSDW: doublewords to words, held between {@code min} and {@code max}. */
  public static void doublewords(long t, long a, long b, int min, int max, int bytes) {
    int lane = Math.min(bytes, 16);
    int half = lane / 2;
    for (int base = 0; base < bytes; base += lane) {
      for (int k = 0; k < half; k += 2) {
        int x = Mem.getInt(a + base + 2L * k);
        int y = Mem.getInt(b + base + 2L * k);
        Mem.putShort(t + base + k, (short) Math.clamp(x, min, max));
        Mem.putShort(t + base + half + k, (short) Math.clamp(y, min, max));
      }
    }
  }

  /**
   * PUNPCK, UNPCK: alternates elements of {@code size} bytes from the low or high halves of the
   * sources' 128-bit lanes.
   */
  public static void interleave(long t, long a, long b, int size, boolean high, int bytes) {
    int lane = Math.min(bytes, 16);
    int half = lane / 2;
    for (int base = 0; base < bytes; base += lane) {
      int from = base + (high ? half : 0);
      for (int k = 0; k < half; k += size) {
        Mem.put(t + base + 2L * k, size, Mem.get(a + from + k, size));
        Mem.put(t + base + 2L * k + size, size, Mem.get(b + from + k, size));
      }
    }
  }

  /** PMOVSX, PMOVZX: widens elements from {@code from} to {@code to} bytes. */
  public static void extend(long t, long b, int from, int to, boolean signed, int bytes) {
    int drop = 64 - 8 * from;
    for (int k = 0; k < bytes / to; k++) {
      long value = Mem.get(b + (long) k * from, from) << drop;
      Mem.put(t + (long) k * to, to, signed ? value >> drop : value >>> drop);
    }
  }
}
