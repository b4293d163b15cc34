// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/**
 * AES rounds (FIPS 197) on 128-bit lanes. Byte 4c + r of a lane is row r, column c of the state; a
 * column is a little-endian {@code int}.
 */
public final class Aes {
  private static final int[] SBOX = new int[256];
  private static final int[] INVERSE_SBOX = new int[256];

  /** For a byte after substitution: its column after (inverse) MixColumns, when it is in row 0. */
  private static final int[] MIXED = new int[256];

  private static final int[] INVERSE_MIXED = new int[256];

  static {
    for (int x = 0; x < 256; x++) {
      int y = Galois.inverse(x);
      int s = y ^ rotate(y, 1) ^ rotate(y, 2) ^ rotate(y, 3) ^ rotate(y, 4) ^ 0x63;
      SBOX[x] = s;
      INVERSE_SBOX[s] = x;
      MIXED[x] = column(x, 2, 1, 1, 3);
      INVERSE_MIXED[x] = column(x, 14, 9, 13, 11);
    }
  }

  private Aes() {}

  private static int rotate(int x, int n) {
    return (x << n | x >> 8 - n) & 0xFF;
  }

  private static int column(int x, int r0, int r1, int r2, int r3) {
    return Galois.multiply(x, r0)
        | Galois.multiply(x, r1) << 8
        | Galois.multiply(x, r2) << 16
        | Galois.multiply(x, r3) << 24;
  }

  private static int mix(int column, int[] table) {
    return table[column & 0xFF]
        ^ Integer.rotateLeft(table[column >>> 8 & 0xFF], 8)
        ^ Integer.rotateLeft(table[column >>> 16 & 0xFF], 16)
        ^ Integer.rotateLeft(table[column >>> 24], 24);
  }

  /** AESENC, or AESENCLAST with {@code last}: the round key is {@code b}. */
  public static void encrypt(long t, long a, long b, boolean last, int bytes) {
    for (int base = 0; base < bytes; base += 16) {
      for (int c = 0; c < 4; c++) {
        int s = shifted(a + base, c, 1, SBOX);
        Mem.putInt(t + base + 4L * c, (last ? s : mix(s, MIXED)) ^ Mem.getInt(b + base + 4L * c));
      }
    }
  }

  /** AESDEC, or AESDECLAST with {@code last}. */
  public static void decrypt(long t, long a, long b, boolean last, int bytes) {
    for (int base = 0; base < bytes; base += 16) {
      for (int c = 0; c < 4; c++) {
        int s = shifted(a + base, c, -1, INVERSE_SBOX);
        int mixed = last ? s : mix(s, INVERSE_MIXED);
        Mem.putInt(t + base + 4L * c, mixed ^ Mem.getInt(b + base + 4L * c));
      }
    }
  }

  /** Column {@code c} after ShiftRows in one direction, and substitution. */
  private static int shifted(long state, int c, int direction, int[] box) {
    int column = 0;
    for (int r = 0; r < 4; r++) {
      int from = c + direction * r & 3;
      column |= box[Mem.getByte(state + 4L * from + r) & 0xFF] << 8 * r;
    }
    return column;
  }

  /** AESIMC: InvMixColumns. */
  public static void inverseMixColumns(long t, long b) {
    for (int c = 0; c < 4; c++) {
      Mem.putInt(t + 4L * c, mix(Mem.getInt(b + 4L * c), INVERSE_MIXED));
    }
  }

  /** AESKEYGENASSIST: substitution and rotation of two columns, with the round constant. */
  public static void keyAssist(long t, long b, int constant) {
    for (int half = 0; half < 16; half += 8) {
      int word = Mem.getInt(b + half + 4);
      int s =
          SBOX[word & 0xFF]
              | SBOX[word >>> 8 & 0xFF] << 8
              | SBOX[word >>> 16 & 0xFF] << 16
              | SBOX[word >>> 24] << 24;
      Mem.putInt(t + half, s);
      Mem.putInt(t + half + 4, Integer.rotateRight(s, 8) ^ constant);
    }
  }
}
