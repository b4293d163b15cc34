// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import nestor.isa.OperandSpec.Where;

/**
 * Turns bytes into an {@link Insn}, by the table (SDM vol. 2, chapter "Instruction Format").
 *
 * <p>One decoder belongs to one thread; it keeps only scratch state.
 */
public final class Decoder {
  /** Longest legal instruction. */
  public static final int MAX_LENGTH = 15;

  private final CodeBytes code = new CodeBytes();
  private final Prefixes prefixes = new Prefixes(code);
  private final RowMatch match = new RowMatch(prefixes);
  private final OperandReader reader = new OperandReader(code, prefixes);
  private Insn insn;
  private int mode;
  private final boolean amd;

  /** A decoder that follows Intel where the vendors differ. */
  public Decoder() {
    this(false);
  }

  /**
   * A decoder that follows one vendor.
   *
   * @param amd whether 66h cuts near branches of 64-bit mode to 16 bits (APM vol. 1, "Near Branches
   *     in 64-Bit Mode"); Intel's have 64 bits whatever the prefix (SDM vol. 2, "JMP")
   */
  public Decoder(boolean amd) {
    this.amd = amd;
  }

  /**
   * Decodes one instruction.
   *
   * @param bytes holds the instruction
   * @param start index of its first byte
   * @param end index after the last byte that may be read
   * @param codeSize 16, 32 or 64
   * @param vexAllowed false in real and virtual-8086 mode, where VEX and EVEX do not exist
   * @param out receives the instruction; its length is set whatever the result
   */
  public DecodeResult decode(
      byte[] bytes, int start, int end, int codeSize, boolean vexAllowed, Insn out) {
    code.begin(bytes, start, Math.min(end, start + MAX_LENGTH));
    insn = out;
    mode = codeSize;
    DecodeResult result;
    try {
      result = decode(vexAllowed);
    } catch (ArrayIndexOutOfBoundsException e) {
      result = end - start >= MAX_LENGTH ? DecodeResult.TOO_LONG : DecodeResult.NEED_MORE;
    }
    out.length = code.at() - start;
    return result;
  }

  private void clear() {
    Insn i = insn;
    i.row = null;
    i.mode = mode;
    i.prefixes = 0;
    i.wide = 0;
    i.base = Insn.NO_REGISTER;
    i.index = Insn.NO_REGISTER;
    i.scale = 0;
    i.displacement = 0;
    i.imm = 0;
    i.imm2 = 0;
    i.vectorLength = 16;
    i.opmask = 0;
    i.zeroing = false;
    i.evexB = false;
    i.rounding = -1;
    i.modrm = 0;
    i.operandCount = 0;
    i.segment = 3;
  }

  private DecodeResult decode(boolean vexAllowed) {
    clear();
    int opcode = prefixes.read(insn, vexAllowed);
    return opcode == Prefixes.UNDEFINED ? DecodeResult.UNDEFINED : match(prefixes.map, opcode);
  }

  private DecodeResult match(int map, int opcode) {
    Row[] rows = Isa.candidates(prefixes.space, map, opcode);
    if (rows == null) {
      return DecodeResult.UNDEFINED;
    }
    int modrm = -1;
    insn.addressSize = addressSize();
    reader.begin(insn);
    for (Row row : rows) {
      if (modrm < 0 && row.hasModrm()) {
        modrm = code.peek();
      }
      insn.operandSize = operandSize(row);
      if (match.matches(row, insn, modrm)) {
        insn.row = row;
        return finish(row, opcode, modrm);
      }
    }
    return DecodeResult.UNDEFINED;
  }

  private int addressSize() {
    boolean toggled = insn.has(Insn.ADDRESS_SIZE);
    return switch (mode) {
      case 64 -> toggled ? 4 : 8;
      case 32 -> toggled ? 2 : 4;
      default -> toggled ? 4 : 2;
    };
  }

  private int operandSize(Row row) {
    boolean toggled = insn.has(Insn.OPERAND_SIZE);
    if (amd && toggled && mode == 64 && row.family == Family.BRANCHES && insn.wide != 1) {
      return 2;
    }
    return RowSizes.operandSize(row, mode, toggled, insn.wide);
  }

  private DecodeResult finish(Row row, int opcode, int modrm) {
    if (row.has(RowAttribute.TODO)) {
      return DecodeResult.UNDEFINED;
    }
    boolean memory = false;
    if (row.hasModrm()) {
      code.next();
      insn.modrm = modrm;
      memory = modrm < 0xC0 && row.fixedModrm == Row.ANY && !RowSizes.controlMove(row);
    }
    if (row.has(RowAttribute.VSIB) && ((modrm & 7) != 4 || insn.addressSize == 2)) {
      return DecodeResult.UNDEFINED;
    }
    if (prefixes.space != 0) {
      int bits = prefixes.lengthBits;
      if (prefixes.space == 2 && insn.evexB && !memory) {
        if (row.has(RowAttribute.ROUNDING)) {
          insn.rounding = prefixes.lengthBits;
          bits = RowSizes.implied(row);
        } else if (row.has(RowAttribute.SAE)) {
          bits = RowSizes.implied(row);
        } else {
          return DecodeResult.UNDEFINED;
        }
      }
      insn.vectorLength = 16 << bits;
    }
    if (memory) {
      reader.memoryForm(row, modrm);
    }
    DecodeResult result = reader.operands(row, opcode, modrm, memory);
    if (result == DecodeResult.OK && prefixes.space != 0) {
      result = vectorRules(row, memory);
    }
    if (result == DecodeResult.OK && insn.has(Insn.LOCK) && !lockIsLegal(row)) {
      return DecodeResult.UNDEFINED;
    }
    return result;
  }

  /** AMD has another meaning of LOCK: with MOV CR0 it names CR8 outside 64-bit mode too. */
  private boolean lockIsLegal(Row row) {
    if (row.has(RowAttribute.LOCK)) {
      return insn.operandCount > 0 && insn.kind[0] == OperandKind.MEMORY;
    }
    return isCr0(row, 0) || isCr0(row, 1);
  }

  private boolean isCr0(Row row, int operand) {
    return row.mnemonic == Mnemonic.MOV
        && insn.kind[operand] == OperandKind.CONTROL
        && insn.register[operand] == 0;
  }

  /** Rules on vvvv, masking and broadcast that the row does not express by operands. */
  private DecodeResult vectorRules(Row row, boolean memory) {
    boolean usesVvvv = false;
    int broadcast = 0;
    for (OperandSpec spec : row.operands) {
      usesVvvv |=
          spec.where() == Where.VVVV_VECTOR
              || spec.where() == Where.VVVV_GPR
              || spec.where() == Where.VVVV_OPMASK;
      broadcast |= spec.broadcast();
    }
    if (!usesVvvv && (prefixes.vvvv != 0 || prefixes.evexV2 != 0 && !row.has(RowAttribute.VSIB))) {
      return DecodeResult.UNDEFINED;
    }
    if (prefixes.space == 2) {
      boolean mask = row.has(RowAttribute.MASK) || row.has(RowAttribute.MASK_REQUIRED);
      if (insn.opmask != 0 && !mask
          || insn.opmask == 0 && row.has(RowAttribute.MASK_REQUIRED)
          || insn.zeroing && (!row.has(RowAttribute.ZEROING) || insn.opmask == 0)
          || insn.zeroing && insn.operandCount > 0 && insn.kind[0] == OperandKind.MEMORY
          || insn.evexB && memory && broadcast == 0) {
        return DecodeResult.UNDEFINED;
      }
    }
    return DecodeResult.OK;
  }
}
