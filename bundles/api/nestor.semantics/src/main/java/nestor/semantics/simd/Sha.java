// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** The SHA-1 and SHA-256 instructions (FIPS 180-4; SDM vol. 2, "SHA1RNDS4" and following). */
public final class Sha {
  private static final int[] K1 = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

  private Sha() {}

  private static int word(long vector, int n) {
    return Mem.getInt(vector + 4L * n);
  }

  private static void put(long t, int w3, int w2, int w1, int w0) {
    Mem.putInt(t, w0);
    Mem.putInt(t + 4, w1);
    Mem.putInt(t + 8, w2);
    Mem.putInt(t + 12, w3);
  }

  /** SHA1RNDS4: four rounds; the state A, B, C, D is in words 3 to 0 of {@code a}. */
  public static void sha1Rounds(long t, long a, long b, int function) {
    int wa = word(a, 3);
    int wb = word(a, 2);
    int wc = word(a, 1);
    int wd = word(a, 0);
    int we = 0; // already added to word 3 of b by SHA1NEXTE
    for (int n = 3; n >= 0; n--) {
      int f =
          switch (function & 3) {
            case 0 -> wb & wc ^ ~wb & wd;
            case 2 -> wb & wc ^ wb & wd ^ wc & wd;
            default -> wb ^ wc ^ wd;
          };
      int next = f + Integer.rotateLeft(wa, 5) + word(b, n) + we + K1[function & 3];
      we = wd;
      wd = wc;
      wc = Integer.rotateLeft(wb, 30);
      wb = wa;
      wa = next;
    }
    put(t, wa, wb, wc, wd);
  }

  /** SHA1NEXTE. */
  public static void sha1NextE(long t, long a, long b) {
    put(t, word(b, 3) + Integer.rotateLeft(word(a, 3), 30), word(b, 2), word(b, 1), word(b, 0));
  }

  /** SHA1MSG1. */
  public static void sha1Message1(long t, long a, long b) {
    put(
        t,
        word(a, 1) ^ word(a, 3),
        word(a, 0) ^ word(a, 2),
        word(b, 3) ^ word(a, 1),
        word(b, 2) ^ word(a, 0));
  }

  /** SHA1MSG2. */
  public static void sha1Message2(long t, long a, long b) {
    int w16 = Integer.rotateLeft(word(a, 3) ^ word(b, 2), 1);
    int w17 = Integer.rotateLeft(word(a, 2) ^ word(b, 1), 1);
    int w18 = Integer.rotateLeft(word(a, 1) ^ word(b, 0), 1);
    int w19 = Integer.rotateLeft(word(a, 0) ^ w16, 1);
    put(t, w16, w17, w18, w19);
  }

  /** SHA256RNDS2: two rounds; C, D, G, H in {@code a}, A, B, E, F in {@code b}, W + K in XMM0. */
  public static void sha256Rounds(long t, long a, long b, long wk) {
    int wa = word(b, 3);
    int wb = word(b, 2);
    int wc = word(a, 3);
    int wd = word(a, 2);
    int we = word(b, 1);
    int wf = word(b, 0);
    int wg = word(a, 1);
    int wh = word(a, 0);
    for (int n = 0; n < 2; n++) {
      int choice = we & wf ^ ~we & wg;
      int sum1 =
          Integer.rotateRight(we, 6) ^ Integer.rotateRight(we, 11) ^ Integer.rotateRight(we, 25);
      int majority = wa & wb ^ wa & wc ^ wb & wc;
      int sum0 =
          Integer.rotateRight(wa, 2) ^ Integer.rotateRight(wa, 13) ^ Integer.rotateRight(wa, 22);
      int t1 = wh + sum1 + choice + word(wk, n);
      wh = wg;
      wg = wf;
      wf = we;
      we = wd + t1;
      wd = wc;
      wc = wb;
      wb = wa;
      wa = t1 + sum0 + majority;
    }
    put(t, wa, wb, we, wf);
  }

  /** SHA256MSG1. */
  public static void sha256Message1(long t, long a, long b) {
    put(
        t,
        word(a, 3) + sigma0(word(b, 0)),
        word(a, 2) + sigma0(word(a, 3)),
        word(a, 1) + sigma0(word(a, 2)),
        word(a, 0) + sigma0(word(a, 1)));
  }

  /** SHA256MSG2. */
  public static void sha256Message2(long t, long a, long b) {
    int w16 = word(a, 0) + sigma1(word(b, 2));
    int w17 = word(a, 1) + sigma1(word(b, 3));
    put(t, word(a, 3) + sigma1(w17), word(a, 2) + sigma1(w16), w17, w16);
  }

  private static int sigma0(int x) {
    return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
  }

  private static int sigma1(int x) {
    return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
  }
}
