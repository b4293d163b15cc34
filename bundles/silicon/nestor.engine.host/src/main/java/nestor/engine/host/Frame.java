// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.State;

/**
 * Where guest state lies while translated code runs: twelve guest registers in host registers, the
 * other four and what else the code needs in the native frame at RSP.
 *
 * <p>RAX and RCX are scratch, R15 counts the instructions that may still retire.
 */
final class Frame {
  private Frame() {}

  /** Host register that holds the remaining budget. */
  static final int BUDGET = 15;

  /** Offset of the address of the current fast table. */
  static final int TABLE = 0;

  /** Offset of the guest's arithmetic flags: OF in byte 0, the LAHF image in byte 1. */
  static final int FLAGS = 8;

  /** Offset of the target of an indirect branch. */
  static final int TARGET = 0x10;

  /** Offset of the address of the jump cache. */
  static final int JUMP_CACHE = 0x18;

  /** Offset of the first spilled guest register. */
  private static final int SPILLED = 0x20;

  /** Offset of the base of FS. */
  static final int FS_BASE = 0x40;

  /** Offset of the base of GS. */
  static final int GS_BASE = 0x48;

  /** Offset of the address of the state block. */
  static final int STATE = 0x50;

  /** Offset of a value that an instruction keeps for its own later use. */
  static final int KEPT = 0x58;

  /** Offset of the host's MXCSR. */
  static final int HOST_MXCSR = 0x60;

  /** Offset of the guest's MXCSR. */
  static final int MXCSR = 0x64;

  /** Offset of a byte: whether guest vector registers and MXCSR are in the host's. */
  static final int VECTORS_LOADED = 0x68;

  /**
   * Offset of sixteen bytes: not zero where a VEX form has cleared bits 511:256 of the register.
   */
  static final int CLEARED = 0x70;

  /** Offset of another value that an instruction keeps. */
  static final int KEPT_TOO = 0x80;

  /** Bytes of the frame; with six pushed registers and a return address a multiple of 16. */
  static final int BYTES = 0x88;

  /** In the state block: flags in the form of {@link #FLAGS}, on the way in and out. */
  static final int STATE_FLAGS = State.ENGINE;

  /** In the state block: budget register, on the way in and out. */
  static final int STATE_BUDGET = State.ENGINE + 8;

  /** In the state block: {@link #CLEARED}, on the way out. */
  static final int STATE_CLEARED = State.ENGINE + 24;

  /** In the state block: address of the jump cache, on the way in. */
  static final int STATE_JUMP_CACHE = State.ENGINE + 16;

  /** Host register of each guest register, or -1: guest RAX, RCX and RSP give way. */
  private static final int[] HOST = {10, 11, 2, 3, 9, 5, 6, 7, 8, -1, -1, -1, 12, 13, 14, -1};

  private static final int[] SPILL = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, SPILLED, SPILLED + 8, SPILLED + 16, 0, 0, 0, SPILLED + 24
  };

  /** {@return whether a guest register has a host register} */
  static boolean isPinned(int guest) {
    return HOST[guest] >= 0;
  }

  /** {@return the host register of a pinned guest register} */
  static int host(int guest) {
    return HOST[guest];
  }

  /** {@return the offset of a guest register that is not pinned} */
  static int spill(int guest) {
    return SPILL[guest];
  }
}
