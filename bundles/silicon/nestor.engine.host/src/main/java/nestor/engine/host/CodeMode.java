// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.State;

/**
 * The mode word of a block: what its translation depends on besides its bytes and its place.
 *
 * <p>Bits 6:0 are the code size and bit 0 that VEX does not exist; bits 13:8 cut the block to so
 * many instructions, for callers who want that few.
 */
final class CodeMode {
  private static final int NO_VEX = 1;
  private static final int SIZE = 0x70;
  private static final int LIMIT_SHIFT = 8;

  private CodeMode() {}

  /** {@return the mode of the code at RIP} */
  static int of(long s) {
    return (int) State.get(s, State.CODE_SIZE) | (State.realOrVirtual8086(s) ? NO_VEX : 0);
  }

  static int withLimit(int mode, int limit) {
    return mode | limit << LIMIT_SHIFT;
  }

  /** {@return most instructions of the block, or 0} */
  static int limit(int mode) {
    return mode >> LIMIT_SHIFT & 63;
  }

  static int codeSize(int mode) {
    return mode & SIZE;
  }

  static boolean hasVex(int mode) {
    return (mode & NO_VEX) == 0;
  }

  /** {@return whether code of this mode is translated; other runs in Java} */
  static boolean isTranslated(int mode) {
    return codeSize(mode) == 64;
  }
}
