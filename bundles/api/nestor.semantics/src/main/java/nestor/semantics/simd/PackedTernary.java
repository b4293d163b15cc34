// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.isa.Mnemonic;

/**
 * The AVX-512 operations on 64 bits that take the destination as a third source or look at single
 * bits, by mnemonic.
 */
public final class PackedTernary {
  private static final long LOW_52 = -1L >>> 12;

  private PackedTernary() {}

  /**
   * {@return the result of {@code m} for 64 bits: {@code d} of the destination, {@code a} and
   * {@code b} of the sources}
   */
  public static long apply(Mnemonic m, long d, long a, long b, int imm) {
    return switch (m) {
      case VPTERNLOGD, VPTERNLOGQ -> logic(d, a, b, imm);
      case VPMADD52LUQ -> d + ((a & LOW_52) * (b & LOW_52) & LOW_52);
      case VPMADD52HUQ -> d + high52(a & LOW_52, b & LOW_52);
      case VPSHLDW -> PackedRotate.doubleLeft(a, b, imm * 0x0001_0001_0001_0001L, 16);
      case VPSHLDD -> PackedRotate.doubleLeft(a, b, imm * 0x0000_0001_0000_0001L, 32);
      case VPSHLDQ -> PackedRotate.doubleLeft(a, b, imm, 64);
      case VPSHRDW -> PackedRotate.doubleRight(b, a, imm * 0x0001_0001_0001_0001L, 16);
      case VPSHRDD -> PackedRotate.doubleRight(b, a, imm * 0x0000_0001_0000_0001L, 32);
      case VPSHRDQ -> PackedRotate.doubleRight(b, a, imm, 64);
      case VPSHLDVW -> PackedRotate.doubleLeft(d, a, b, 16);
      case VPSHLDVD -> PackedRotate.doubleLeft(d, a, b, 32);
      case VPSHLDVQ -> PackedRotate.doubleLeft(d, a, b, 64);
      case VPSHRDVW -> PackedRotate.doubleRight(a, d, b, 16);
      case VPSHRDVD -> PackedRotate.doubleRight(a, d, b, 32);
      case VPSHRDVQ -> PackedRotate.doubleRight(a, d, b, 64);
      case VPMULTISHIFTQB -> multishift(a, b);
      default -> counted(m, b);
    };
  }

  private static long counted(Mnemonic m, long b) {
    return switch (m) {
      case VPLZCNTD ->
          Integer.numberOfLeadingZeros((int) b)
              | (long) Integer.numberOfLeadingZeros((int) (b >>> 32)) << 32;
      case VPLZCNTQ -> Long.numberOfLeadingZeros(b);
      case VPOPCNTB -> populations(b, 8);
      case VPOPCNTW -> populations(b, 16);
      case VPOPCNTD -> populations(b, 32);
      case VPOPCNTQ -> Long.bitCount(b);
      default -> throw new IllegalStateException(m + " is no operation on 64 bits");
    };
  }

  /** For each bit the immediate's bit that the three sources select, the destination's first. */
  private static long logic(long d, long a, long b, int imm) {
    long r = 0;
    for (int n = 0; n < 8; n++) {
      if ((imm >> n & 1) != 0) {
        r |= ((n & 4) != 0 ? d : ~d) & ((n & 2) != 0 ? a : ~a) & ((n & 1) != 0 ? b : ~b);
      }
    }
    return r;
  }

  private static long high52(long a, long b) {
    return Math.multiplyHigh(a, b) << 12 | a * b >>> 52;
  }

  private static long multishift(long control, long data) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      r |= (Long.rotateRight(data, (int) (control >>> s)) & 0xFF) << s;
    }
    return r;
  }

  private static long populations(long b, int bits) {
    long r = 0;
    for (int s = 0; s < 64; s += bits) {
      r |= (long) Long.bitCount(b >>> s & -1L >>> (64 - bits)) << s;
    }
    return r;
  }
}
