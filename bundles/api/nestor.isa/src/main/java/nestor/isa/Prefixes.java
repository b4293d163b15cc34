// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * Legacy prefixes, REX, VEX and EVEX of one instruction, and the opcode's map (SDM vol. 2, "Legacy
 * Prefixes", "REX Prefixes", "The VEX Prefix", "EVEX Prefix").
 */
final class Prefixes {
  /** Instead of an opcode: the prefixes do not go together. */
  static final int UNDEFINED = -1;

  int rexR;
  int rexX;
  int rexB;
  int vvvv;

  /** R' : bit 4 of ModRM.reg. */
  int evexR2;

  /** X as bit 4 of a vector ModRM.rm. */
  int evexX4;

  /** V' : bit 4 of vvvv or of a VSIB index. */
  int evexV2;

  /** VEX.L or EVEX.L'L. */
  int lengthBits;

  /** 0 legacy, 1 VEX, 2 EVEX. */
  int space;

  /** Opcode map: 0 one-byte, 1 0F, 2 0F38, 3 0F3A. */
  int map;

  /** The prefix that chooses among rows: 0 none, 1 66h, 2 F3h, 3 F2h. */
  int pp;

  private final CodeBytes code;
  private Insn insn;
  private int mode;

  Prefixes(CodeBytes code) {
    this.code = code;
  }

  private void clear() {
    rexR = rexX = rexB = vvvv = evexR2 = evexX4 = evexV2 = lengthBits = 0;
    space = 0;
    map = 0;
    pp = 0;
  }

  /**
   * Reads up to and including the opcode.
   *
   * @param out has its mode set; receives the prefixes
   * @param vexAllowed false in real and virtual-8086 mode, where VEX and EVEX do not exist
   * @return the opcode, or {@link #UNDEFINED}
   */
  int read(Insn out, boolean vexAllowed) {
    insn = out;
    mode = out.mode;
    clear();
    int first = legacy();
    return opcode(first, vexAllowed);
  }

  /** Legacy prefixes and REX. Returns the byte behind them. */
  private int legacy() {
    int segment = -1;
    int rex = 0;
    int b = code.next();
    for (; ; b = code.next()) {
      switch (b) {
        case 0x26, 0x2E, 0x36, 0x3E -> {
          if (mode != 64) {
            segment = (b - 0x26) >> 3;
          }
        }
        case 0x64, 0x65 -> segment = b - 0x60;
        case 0x66 -> insn.prefixes |= Insn.OPERAND_SIZE;
        case 0x67 -> insn.prefixes |= Insn.ADDRESS_SIZE;
        case 0xF0 -> insn.prefixes |= Insn.LOCK;
        case 0xF2 -> insn.prefixes = insn.prefixes & ~Insn.REP | Insn.REPNE;
        case 0xF3 -> insn.prefixes = insn.prefixes & ~Insn.REPNE | Insn.REP;
        default -> {
          if (mode == 64 && (b & 0xF0) == 0x40) {
            rex = b;
            continue; // only the last REX, directly before the opcode, has effect
          }
        }
      }
      if (!isPrefix(b)) {
        break;
      }
      rex = 0; // a legacy prefix after REX makes it void
    }
    if (segment >= 0) {
      insn.segment = segment;
      insn.prefixes |= Insn.SEGMENT_OVERRIDE;
    }
    if (rex != 0) {
      insn.prefixes |= Insn.REX;
      insn.wide = rex >> 3 & 1;
      rexR = (rex & 4) << 1;
      rexX = (rex & 2) << 2;
      rexB = (rex & 1) << 3;
    }
    return b;
  }

  /** VEX, EVEX or the escapes of the opcode's map, if the first byte is one; then the opcode. */
  private int opcode(int first, boolean vexAllowed) {
    int b = first;
    boolean illegalVex =
        (insn.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE | Insn.LOCK)) != 0;
    pp = insn.has(Insn.REP) ? 2 : insn.has(Insn.REPNE) ? 3 : insn.has(Insn.OPERAND_SIZE) ? 1 : 0;
    if ((b == 0xC4 || b == 0xC5 || b == 0x62)
        && vexAllowed
        && (mode == 64 || (code.peek() & 0xC0) == 0xC0)) {
      if (illegalVex || insn.has(Insn.REX)) {
        return UNDEFINED;
      }
      map = b == 0x62 ? evex() : vex(b);
      if (map <= 0 || map > 3) {
        return UNDEFINED;
      }
      b = code.next();
    } else if (b == 0x0F) {
      map = 1;
      b = code.next();
      if (b == 0x38) {
        map = 2;
        b = code.next();
      } else if (b == 0x3A) {
        map = 3;
        b = code.next();
      }
    }
    return b;
  }

  private boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> mode == 64 && (b & 0xF0) == 0x40;
    };
  }

  private int vex(int first) {
    space = 1;
    int p1 = code.next();
    int map = 1;
    int last = p1;
    rexR = (~p1 & 0x80) >> 4;
    if (first == 0xC4) {
      last = code.next();
      rexX = (~p1 & 0x40) >> 3;
      rexB = (~p1 & 0x20) >> 2;
      map = p1 & 0x1F;
      insn.wide = last >> 7;
    }
    vvvv = ~last >> 3 & 15;
    lengthBits = last >> 2 & 1;
    pp = VEX_PP[last & 3];
    if (mode != 64) {
      rexR = rexX = rexB = 0;
      vvvv &= 7;
    }
    return map;
  }

  /** VEX.pp to the order none, 66, F3, F2. */
  private static final int[] VEX_PP = {0, 1, 2, 3};

  private int evex() {
    space = 2;
    int p0 = code.next();
    int p1 = code.next();
    int p2 = code.next();
    if ((p0 & 0x08) != 0 || (p1 & 0x04) == 0) {
      return 0;
    }
    rexR = (~p0 & 0x80) >> 4;
    rexX = (~p0 & 0x40) >> 3;
    rexB = (~p0 & 0x20) >> 2;
    evexR2 = ~p0 & 0x10;
    evexX4 = (~p0 & 0x40) >> 2;
    insn.wide = p1 >> 7;
    vvvv = ~p1 >> 3 & 15;
    pp = VEX_PP[p1 & 3];
    insn.zeroing = (p2 & 0x80) != 0;
    lengthBits = p2 >> 5 & 3;
    insn.evexB = (p2 & 0x10) != 0;
    evexV2 = (~p2 & 8) << 1;
    insn.opmask = p2 & 7;
    if (mode != 64) {
      rexR = rexX = rexB = evexR2 = evexX4 = 0;
      vvvv &= 7;
      evexV2 = 0;
    }
    return p0 & 7;
  }
}
