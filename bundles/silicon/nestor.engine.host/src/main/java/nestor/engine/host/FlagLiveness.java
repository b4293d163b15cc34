// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Finds the flags that nobody can see: overwritten before a reader and before any way out. */
final class FlagLiveness {
  private FlagLiveness() {}

  /** {@return bit n: the flags after instruction n are dead} */
  static long dead(Insn[] insns, int count) {
    long dead = 0;
    boolean overwritten = false; // by what follows
    for (int n = count - 1; n >= 0; n--) {
      if (overwritten) {
        dead |= 1L << n;
      }
      Insn i = insns[n];
      if (!isInternal(i)) {
        overwritten = false;
      } else if (i.row.flagsRead != 0) {
        overwritten = false;
      } else if (overwritesAll(i)) {
        overwritten = true;
      }
    }
    return dead;
  }

  /** An instruction on registers that is always translated and cannot leave the block. */
  private static boolean isInternal(Insn i) {
    if (i.row == null || HostProbe.differs(i.row.mnemonic)) {
      return false;
    }
    return switch (i.row.mnemonic) {
      case ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC, DEC, NOT, NEG, MOV, MOVZX, MOVSX ->
          isOnRegisters(i);
      case ROL, ROR, SHL, SHR, SAR -> isOnRegisters(i) && ShiftTranslator.isPlain(i);
      case IMUL -> i.operandCount > 1 && isOnRegisters(i);
      case BSWAP -> i.width[0] >= 4;
      case LEA -> i.width[0] >= 4 && Translation.canAddress(i);
      default -> false;
    };
  }

  private static boolean isOnRegisters(Insn i) {
    for (int n = 0; n < i.operandCount; n++) {
      if (i.kind[n] != OperandKind.GPR && i.kind[n] != OperandKind.IMMEDIATE) {
        return false;
      }
    }
    return true;
  }

  private static boolean overwritesAll(Insn i) {
    return switch (i.row.mnemonic) {
      case ADD, OR, AND, SUB, XOR, CMP, TEST, NEG, SHL, SHR, SAR -> true;
      default -> false;
    };
  }
}
