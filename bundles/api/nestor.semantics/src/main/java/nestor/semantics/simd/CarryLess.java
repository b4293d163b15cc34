// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** PCLMULQDQ: multiplication of polynomials over GF(2). */
public final class CarryLess {
  private CarryLess() {}

  /** One product in each 128-bit lane; immediate bits 0 and 4 choose the halves. */
  public static void multiply(long t, long a, long b, int imm, int bytes) {
    for (int base = 0; base < bytes; base += 16) {
      long x = Mem.getLong(a + base + ((imm & 1) != 0 ? 8 : 0));
      long y = Mem.getLong(b + base + ((imm & 16) != 0 ? 8 : 0));
      long low = 0;
      long high = 0;
      for (long rest = y; rest != 0; rest &= rest - 1) {
        int n = Long.numberOfTrailingZeros(rest);
        low ^= x << n;
        high ^= x >>> 1 >>> (63 - n);
      }
      Mem.putLong(t + base, low);
      Mem.putLong(t + base + 8, high);
    }
  }
}
