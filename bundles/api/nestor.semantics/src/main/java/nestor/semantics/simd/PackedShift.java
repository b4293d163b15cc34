// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.isa.Mnemonic;

/**
 * Shifts and rotations of packed integers. Shift counts of the lane width and above give zeros, or
 * copies of the sign.
 */
public final class PackedShift {
  private PackedShift() {}

  /** {@return the lanes of {@code a} shifted as {@code m} says; the count is unsigned} */
  public static long apply(Mnemonic m, long a, long count) {
    return switch (m) {
      case PSLLW, VPSLLW -> left(a, count, Swar.W);
      case PSLLD, VPSLLD -> left(a, count, Swar.D);
      case PSLLQ, VPSLLQ -> left(a, count, Swar.Q);
      case PSRLW, VPSRLW -> right(a, count, Swar.W);
      case PSRLD, VPSRLD -> right(a, count, Swar.D);
      case PSRLQ, VPSRLQ -> right(a, count, Swar.Q);
      case PSRAW, VPSRAW -> arithmetic(a, count, Swar.W);
      case PSRAD, VPSRAD -> arithmetic(a, count, Swar.D);
      case VPSRAQ -> arithmetic(a, count, Swar.Q);
      case VPROLD -> PackedRotate.leftEach(a, count * 0x1_0000_0001L);
      case VPROLQ -> Long.rotateLeft(a, (int) count);
      case VPRORD -> PackedRotate.rightEach(a, count * 0x1_0000_0001L);
      case VPRORQ -> Long.rotateRight(a, (int) count);
      default -> throw new IllegalStateException(m + " is no packed shift");
    };
  }

  /** {@return whether {@code m} shifts all lanes by one count} */
  public static boolean shiftsByOneCount(Mnemonic m) {
    return switch (m) {
      case PSLLW, PSLLD, PSLLQ, PSRLW, PSRLD, PSRLQ, PSRAW, PSRAD -> true;
      case VPSLLW, VPSLLD, VPSLLQ, VPSRLW, VPSRLD, VPSRLQ, VPSRAW, VPSRAD, VPSRAQ -> true;
      case VPROLD, VPROLQ, VPRORD, VPRORQ -> true;
      default -> false;
    };
  }

  static long left(long a, long count, long top) {
    int last = Long.numberOfTrailingZeros(top);
    if (count < 0 || count > last) {
      return 0;
    }
    long kept = -1L << count & -1L >>> (63 - last);
    return a << count & kept * (top >>> last);
  }

  static long right(long a, long count, long top) {
    int last = Long.numberOfTrailingZeros(top);
    if (count < 0 || count > last) {
      return 0;
    }
    return a >>> count & (-1L >>> (63 - last + count)) * (top >>> last);
  }

  static long arithmetic(long a, long count, long top) {
    int last = Long.numberOfTrailingZeros(top);
    long n = count < 0 || count > last ? last : count;
    long kept = (-1L >>> (63 - last + n)) * (top >>> last);
    return (a >>> n & kept) | (Swar.spread(a, top) & ~kept);
  }

  /** {@return doublewords shifted left, each by its own count} */
  static long leftEach(long a, long count) {
    return eachLeft(a & 0xFFFF_FFFFL, count & 0xFFFF_FFFFL)
        | eachLeft(a >>> 32, count >>> 32) << 32;
  }

  private static long eachLeft(long a, long count) {
    return count > 31 ? 0 : a << count & 0xFFFF_FFFFL;
  }

  /** {@return doublewords shifted right, each by its own count} */
  static long rightEach(long a, long count) {
    long low = (count & 0xFFFF_FFFFL) > 31 ? 0 : (a & 0xFFFF_FFFFL) >>> count;
    long high = count >>> 32 > 31 ? 0 : a >>> 32 >>> (count >>> 32);
    return low | high << 32;
  }

  /** {@return doublewords shifted right with their sign, each by its own count} */
  static long arithmeticEach(long a, long count) {
    long low = (int) a >> Math.min(count & 0xFFFF_FFFFL, 31);
    long high = (int) (a >>> 32) >> Math.min(count >>> 32, 31);
    return low & 0xFFFF_FFFFL | high << 32;
  }
}
