// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** AVX-512 operations that compare elements with several others. */
public final class Searches {
  private Searches() {}

  /** VPCONFLICT: for each element a bit for every earlier one that is equal. */
  public static void conflicts(long t, long b, int size, int bytes) {
    for (int k = 0; k < bytes / size; k++) {
      long value = Mem.get(b + (long) k * size, size);
      long equal = 0;
      for (int n = 0; n < k; n++) {
        equal |= (Mem.get(b + (long) n * size, size) == value ? 1L : 0) << n;
      }
      Mem.put(t + (long) k * size, size, equal);
    }
  }

  /** {@return a bit for each element of {@code a} that is somewhere in {@code b}} */
  public static long found(long a, long b, int size, int bytes) {
    long r = 0;
    for (int k = 0; k < bytes / size; k++) {
      long value = Mem.get(a + (long) k * size, size);
      for (int n = 0; n < bytes; n += size) {
        r |= (Mem.get(b + n, size) == value ? 1L : 0) << k;
      }
    }
    return r;
  }

  /** {@return VPSHUFBITQMB: for each byte of {@code b} the bit of {@code a}'s quadword it names} */
  public static long chosenBits(long a, long b, int bytes) {
    long r = 0;
    for (int k = 0; k < bytes; k++) {
      r |= (Mem.getLong(a + (k & -8)) >>> Mem.getByte(b + k) & 1) << k;
    }
    return r;
  }

  /**
   * VDBPSADBW: sums of absolute differences of four bytes. Doublewords of {@code b} are first
   * chosen by the immediate within 128 bits; four windows slide over each quadword of them.
   */
  public static void blockDifferences(long t, long a, long b, int imm, int bytes) {
    for (int base = 0; base < bytes; base += 8) {
      int lane = base & -16;
      int half = base >> 2 & 2;
      long chosen =
          Mem.getInt(b + lane + 4L * (imm >> 2 * half & 3)) & 0xFFFF_FFFFL
              | (long) Mem.getInt(b + lane + 4L * (imm >> 2 * (half + 1) & 3)) << 32;
      long source = Mem.getLong(a + base);
      for (int k = 0; k < 4; k++) {
        int sum = 0;
        for (int n = 0; n < 4; n++) {
          int x = (int) (source >>> 8 * ((k & 2) * 2 + n)) & 0xFF;
          int y = (int) (chosen >>> 8 * (k + n)) & 0xFF;
          sum += Math.abs(x - y);
        }
        Mem.putShort(t + base + 2L * k, (short) sum);
      }
    }
  }
}
