// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/**
 * GFNI: bytes as elements of GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, and affine transformations.
 */
public final class Galois {
  private static final int POLYNOMIAL = 0x11B;
  private static final byte[] INVERSE = inverses();

  private Galois() {}

  /** {@return the product of two bytes} */
  static int multiply(int a, int b) {
    int r = 0;
    for (int n = 0; n < 8; n++) {
      r ^= (b >> n & 1) != 0 ? a << n : 0;
    }
    for (int n = 14; n >= 8; n--) {
      r ^= (r >> n & 1) != 0 ? POLYNOMIAL << (n - 8) : 0;
    }
    return r;
  }

  /** {@return the multiplicative inverse of a byte; that of 0 is 0} */
  static int inverse(int a) {
    return INVERSE[a] & 0xFF;
  }

  private static byte[] inverses() {
    byte[] table = new byte[256];
    for (int a = 1; a < 256; a++) {
      for (int b = 1; b < 256; b++) {
        if (multiply(a, b) == 1) {
          table[a] = (byte) b;
        }
      }
    }
    return table;
  }

  /** GF2P8MULB. */
  public static void products(long t, long a, long b, int bytes) {
    for (int k = 0; k < bytes; k++) {
      Mem.putByte(t + k, (byte) multiply(Mem.getByte(a + k) & 0xFF, Mem.getByte(b + k) & 0xFF));
    }
  }

  /**
   * GF2P8AFFINEQB and, with {@code invert}, GF2P8AFFINEINVQB: multiplies each byte of {@code a}
   * with the 8x8 bit matrix in the quadword of {@code b}, and adds the immediate.
   */
  public static void affine(long t, long a, long b, int imm, boolean invert, int bytes) {
    for (int k = 0; k < bytes; k++) {
      int x = Mem.getByte(a + k) & 0xFF;
      Mem.putByte(t + k, (byte) (affine(invert ? inverse(x) : x, Mem.getLong(b + (k & -8))) ^ imm));
    }
  }

  /** Row n of the matrix, for bit n of the result, is byte 7 - n. */
  private static int affine(int x, long matrix) {
    int r = 0;
    for (int n = 0; n < 8; n++) {
      r |= (Long.bitCount(matrix >>> 8 * (7 - n) & x) & 1) << n;
    }
    return r;
  }
}
