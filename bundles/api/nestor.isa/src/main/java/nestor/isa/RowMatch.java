// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** Whether a row is meant by prefixes, opcode and ModRM. */
final class RowMatch {
  private final Prefixes prefixes;

  RowMatch(Prefixes prefixes) {
    this.prefixes = prefixes;
  }

  /**
   * {@return whether the row is the one}
   *
   * @param insn has mode, prefixes, operand and address size
   * @param modrm ModRM, or -1 if no row so far has one
   */
  boolean matches(Row row, Insn insn, int modrm) {
    if ((row.prefixMask >> prefixes.pp & 1) == 0) {
      // F2 or F3 with a row that knows only 66 or none: they are repeat prefixes without effect.
      return false;
    }
    if (row.attributes != 0) {
      if (row.has(RowAttribute.NO_REX_B) && prefixes.rexB != 0) {
        return false;
      }
      if (row.has(RowAttribute.NOT64) && insn.mode == 64
          || row.has(RowAttribute.ONLY64) && insn.mode != 64) {
        return false;
      }
      int sizes =
          row.attributes
              & (RowAttribute.OPERAND16 | RowAttribute.OPERAND32 | RowAttribute.OPERAND64);
      if (sizes != 0 && (sizes & RowAttribute.OPERAND16 * (insn.operandSize >> 1)) == 0) {
        return false;
      }
      int addresses =
          row.attributes
              & (RowAttribute.ADDRESS16 | RowAttribute.ADDRESS32 | RowAttribute.ADDRESS64);
      if (addresses != 0 && (addresses & RowAttribute.ADDRESS16 * (insn.addressSize >> 1)) == 0) {
        return false;
      }
    }
    if (row.rexW != Row.ANY
        && row.rexW != insn.wide
        && !(insn.mode != 64 && row.space == Row.Space.LEGACY && row.rexW == 0)) {
      return false;
    }
    if (!row.hasModrm()) {
      return prefixes.space == 0 || lengthMatches(row, insn, true);
    }
    if (row.fixedModrm != Row.ANY && row.fixedModrm != modrm
        || row.regField != Row.ANY && row.regField != (modrm >> 3 & 7)) {
      return false;
    }
    boolean memory = modrm < 0xC0;
    if (row.memoryForm != Row.ANY
        && (row.memoryForm == 1) != memory
        && !RowSizes.controlMove(row)) {
      return false;
    }
    return prefixes.space == 0 || lengthMatches(row, insn, memory);
  }

  private boolean lengthMatches(Row row, Insn insn, boolean memory) {
    int bits = prefixes.lengthBits;
    if (prefixes.space == 2 && insn.evexB && !memory) {
      bits =
          row.has(RowAttribute.ROUNDING) || row.has(RowAttribute.SAE)
              ? RowSizes.implied(row)
              : bits;
    }
    return bits < 3 && (row.lengthMask >> bits & 1) != 0;
  }
}
