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

  private byte[] code;
  private int limit;
  private int at;
  private Insn insn;
  private int mode;

  private int rexR;
  private int rexX;
  private int rexB;
  private int vvvv;
  private int evexR2; // R' : bit 4 of ModRM.reg
  private int evexX4; // X as bit 4 of a vector ModRM.rm
  private int evexV2; // V' : bit 4 of vvvv or of a VSIB index
  private int lengthBits;
  private int space;
  private int pp;

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
    code = bytes;
    at = start;
    limit = Math.min(end, start + MAX_LENGTH);
    insn = out;
    mode = codeSize;
    DecodeResult result;
    try {
      result = decode(vexAllowed);
    } catch (ArrayIndexOutOfBoundsException e) {
      result = end - start >= MAX_LENGTH ? DecodeResult.TOO_LONG : DecodeResult.NEED_MORE;
    }
    out.length = at - start;
    return result;
  }

  private int next() {
    if (at >= limit) {
      throw OUT_OF_BYTES;
    }
    return code[at++] & 0xFF;
  }

  private static final ArrayIndexOutOfBoundsException OUT_OF_BYTES =
      new ArrayIndexOutOfBoundsException() {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable fillInStackTrace() {
          return this;
        }
      };

  private int peek() {
    if (at >= limit) {
      throw OUT_OF_BYTES;
    }
    return code[at] & 0xFF;
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
    rexR = rexX = rexB = vvvv = evexR2 = evexX4 = evexV2 = lengthBits = 0;
    space = 0;
    pp = 0;
  }

  private DecodeResult decode(boolean vexAllowed) {
    clear();
    int segment = -1;
    int rex = 0;
    int b = next();
    for (; ; b = next()) {
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
    boolean illegalVex =
        (insn.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE | Insn.LOCK)) != 0;
    pp = insn.has(Insn.REP) ? 2 : insn.has(Insn.REPNE) ? 3 : insn.has(Insn.OPERAND_SIZE) ? 1 : 0;
    int map = 0;
    if ((b == 0xC4 || b == 0xC5 || b == 0x62)
        && vexAllowed
        && (mode == 64 || (peek() & 0xC0) == 0xC0)) {
      if (illegalVex || rex != 0) {
        return DecodeResult.UNDEFINED;
      }
      map = b == 0x62 ? evex() : vex(b);
      if (map <= 0 || map > 3) {
        return DecodeResult.UNDEFINED;
      }
      b = next();
    } else if (b == 0x0F) {
      map = 1;
      b = next();
      if (b == 0x38) {
        map = 2;
        b = next();
      } else if (b == 0x3A) {
        map = 3;
        b = next();
      }
    }
    return match(map, b);
  }

  private boolean isPrefix(int b) {
    return switch (b) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> mode == 64 && (b & 0xF0) == 0x40;
    };
  }

  private int vex(int first) {
    space = 1;
    int p1 = next();
    int map = 1;
    int last = p1;
    rexR = (~p1 & 0x80) >> 4;
    if (first == 0xC4) {
      last = next();
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
    int p0 = next();
    int p1 = next();
    int p2 = next();
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

  private DecodeResult match(int map, int opcode) {
    Row[] rows = Isa.candidates(space, map, opcode);
    if (rows == null) {
      return DecodeResult.UNDEFINED;
    }
    int modrm = -1;
    insn.addressSize = addressSize();
    for (Row row : rows) {
      if (modrm < 0 && row.hasModrm()) {
        modrm = peek();
      }
      insn.operandSize = operandSize(row);
      if (matches(row, modrm)) {
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
    return operandSize(row, mode, toggled, insn.wide);
  }

  /** {@return the operand size that the prefixes give a row} */
  static int operandSize(Row row, int mode, boolean toggled, int wide) {
    if (mode == 64) {
      if (wide == 1 || row.has(RowAttribute.FORCE64)) {
        return 8;
      }
      return toggled ? 2 : row.has(RowAttribute.DEFAULT64) ? 8 : 4;
    }
    return toggled == (mode == 32) ? 2 : 4;
  }

  private boolean matches(Row row, int modrm) {
    if ((row.prefixMask >> pp & 1) == 0) {
      // F2 or F3 with a row that knows only 66 or none: they are repeat prefixes without effect.
      return false;
    }
    if (row.attributes != 0) {
      if (row.has(RowAttribute.NO_REX_B) && rexB != 0) {
        return false;
      }
      if (row.has(RowAttribute.NOT64) && mode == 64 || row.has(RowAttribute.ONLY64) && mode != 64) {
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
        && !(mode != 64 && row.space == Row.Space.LEGACY && row.rexW == 0)) {
      return false;
    }
    if (!row.hasModrm()) {
      return space == 0 || lengthMatches(row, true);
    }
    if (row.fixedModrm != Row.ANY && row.fixedModrm != modrm
        || row.regField != Row.ANY && row.regField != (modrm >> 3 & 7)) {
      return false;
    }
    boolean memory = modrm < 0xC0;
    if (row.memoryForm != Row.ANY && (row.memoryForm == 1) != memory && !controlMove(row)) {
      return false;
    }
    return space == 0 || lengthMatches(row, memory);
  }

  private boolean lengthMatches(Row row, boolean memory) {
    int bits = lengthBits;
    if (space == 2 && insn.evexB && !memory) {
      bits = row.has(RowAttribute.ROUNDING) || row.has(RowAttribute.SAE) ? implied(row) : bits;
    }
    return bits < 3 && (row.lengthMask >> bits & 1) != 0;
  }

  /** With embedded rounding or SAE the length bits are taken: 512, or scalar. */
  static int implied(Row row) {
    return row.lengthMask == 7 && !hasFullVector(row) ? 0 : 2;
  }

  private static boolean hasFullVector(Row row) {
    for (OperandSpec spec : row.operands) {
      switch (spec.size()) {
        case X, H, F, E, U -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  private DecodeResult finish(Row row, int opcode, int modrm) {
    if (row.has(RowAttribute.TODO)) {
      return DecodeResult.UNDEFINED;
    }
    boolean memory = false;
    if (row.hasModrm()) {
      at++;
      insn.modrm = modrm;
      memory = modrm < 0xC0 && row.fixedModrm == Row.ANY && !controlMove(row);
    }
    if (row.has(RowAttribute.VSIB) && ((modrm & 7) != 4 || insn.addressSize == 2)) {
      return DecodeResult.UNDEFINED;
    }
    if (space != 0) {
      int bits = lengthBits;
      if (space == 2 && insn.evexB && !memory) {
        if (row.has(RowAttribute.ROUNDING)) {
          insn.rounding = lengthBits;
          bits = implied(row);
        } else if (row.has(RowAttribute.SAE)) {
          bits = implied(row);
        } else {
          return DecodeResult.UNDEFINED;
        }
      }
      insn.vectorLength = 16 << bits;
    }
    if (memory) {
      memoryOperand(row, modrm);
    }
    DecodeResult result = operands(row, opcode, modrm, memory);
    if (result == DecodeResult.OK && space != 0) {
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

  /** MOV to and from CR and DR ignore ModRM.mod. */
  private static boolean controlMove(Row row) {
    for (OperandSpec spec : row.operands) {
      if (spec.where() == Where.REG_CONTROL || spec.where() == Where.REG_DEBUG) {
        return true;
      }
    }
    return false;
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
    if (!usesVvvv && (vvvv != 0 || evexV2 != 0 && !row.has(RowAttribute.VSIB))) {
      return DecodeResult.UNDEFINED;
    }
    if (space == 2) {
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

  private void memoryOperand(Row row, int modrm) {
    int mod = modrm >> 6;
    int rm = modrm & 7;
    int displacementSize;
    if (insn.addressSize == 2) {
      insn.base = BASE16[rm];
      insn.index = INDEX16[rm];
      displacementSize = mod == 1 ? 1 : mod == 2 ? 2 : 0;
      if (mod == 0 && rm == 6) {
        insn.base = Insn.NO_REGISTER;
        displacementSize = 2;
      }
    } else {
      displacementSize = mod == 1 ? 1 : mod == 2 ? 4 : 0;
      if (rm == 4) {
        int sib = next();
        insn.scale = sib >> 6;
        int index = (sib >> 3 & 7) | rexX;
        if (row.has(RowAttribute.VSIB)) {
          insn.index = index | evexV2;
        } else if (index != 4) {
          insn.index = index;
        }
        int base = sib & 7;
        if (base == 5 && mod == 0) {
          displacementSize = 4;
        } else {
          insn.base = base | rexB;
        }
      } else if (rm == 5 && mod == 0) {
        displacementSize = 4;
        if (mode == 64) {
          insn.base = Insn.RIP;
        }
      } else {
        insn.base = rm | rexB;
      }
    }
    switch (displacementSize) {
      case 1 -> insn.displacement = (byte) next();
      case 2 -> insn.displacement = (short) little(2);
      case 4 -> insn.displacement = (int) little(4);
      default -> {}
    }
    if (displacementSize == 1 && space == 2) {
      insn.displacement *=
          scaleOfDisplacement(
              row, insn.evexB, insn.wide, insn.operandSize, insn.vectorLength, mode);
    }
    if (!insn.has(Insn.SEGMENT_OVERRIDE)) {
      insn.segment = (insn.base == 4 || insn.base == 5) ? 2 : 3;
    }
  }

  /**
   * Disp8*N: N is the bytes that the memory operand touches (SDM vol. 2, "Compressed
   * Displacement").
   */
  static int scaleOfDisplacement(
      Row row, boolean broadcast, int wide, int operandSize, int vectorLength, int mode) {
    for (OperandSpec spec : row.operands) {
      switch (spec.where()) {
        case RM_VECTOR, MEMORY, RM_GPR, RM_OPMASK -> {
          if (spec.broadcast() != 0 && broadcast) {
            return spec.broadcast();
          }
          if (row.has(RowAttribute.SCALE_ELEMENT)) {
            return row.element;
          }
          return Math.max(1, width(spec, mode, operandSize, wide, vectorLength));
        }
        default -> {}
      }
    }
    return 1;
  }

  private static final int[] BASE16 = {3, 3, 5, 5, 16, 16, 5, 3};
  private static final int[] INDEX16 = {6, 7, 6, 7, 6, 7, 16, 16};

  private long little(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) next() << (8 * i);
    }
    return value;
  }

  private int width(OperandSpec spec) {
    return width(spec, mode, insn.operandSize, insn.wide, insn.vectorLength);
  }

  /** {@return the bytes of an operand, 0 if it has no size} */
  static int width(OperandSpec spec, int mode, int operandSize, int wide, int vectorLength) {
    int bytes = spec.size().bytes;
    if (bytes >= 0) {
      return bytes;
    }
    return switch (spec.size()) {
      case V -> operandSize;
      case Z -> Math.min(operandSize, 4);
      case Y -> wide == 1 && mode == 64 ? 8 : 4;
      case P -> operandSize + 2;
      case X -> vectorLength;
      case H -> vectorLength / 2;
      case F -> vectorLength / 4;
      case E -> vectorLength / 8;
      case S -> mode == 64 ? 10 : 6;
      case A -> operandSize * 2;
      case N -> mode == 64 ? 8 : 4;
      case U -> vectorLength == 16 ? 8 : vectorLength;
      default -> 0;
    };
  }

  private DecodeResult operands(Row row, int opcode, int modrm, boolean memory) {
    int count = row.operands.size();
    insn.operandCount = count;
    boolean immediateSeen = false;
    int reg = modrm >= 0 ? (modrm >> 3 & 7) | rexR : 0;
    int rm = modrm >= 0 ? (modrm & 7) | rexB : 0;
    for (int n = 0; n < count; n++) {
      OperandSpec spec = row.operands.get(n);
      int width = width(spec);
      switch (spec.where()) {
        case RM_GPR -> {
          if (memory) {
            memory(n, width);
          } else {
            gpr(n, rm, width);
          }
        }
        case RM_GPR_ONLY -> gpr(n, rm, width);
        case REG_GPR -> {
          if (evexR2 != 0) {
            return DecodeResult.UNDEFINED;
          }
          gpr(n, reg, width);
        }
        case VVVV_GPR -> gpr(n, vvvv, width);
        case OPCODE_GPR -> gpr(n, (opcode & 7) | rexB, width);
        case FIXED_GPR -> set(n, OperandKind.GPR, spec.fixed(), width);
        case MEMORY -> memory(n, width);
        case IMMEDIATE -> {
          long value = immediate(spec, width);
          if (immediateSeen) {
            insn.imm2 = value;
            set(n, OperandKind.IMMEDIATE2, 0, width);
          } else {
            insn.imm = value;
            set(n, OperandKind.IMMEDIATE, 0, width);
          }
          immediateSeen = true;
        }
        case RELATIVE -> {
          boolean wide = mode == 64 && insn.operandSize != 2;
          int bytes = spec.size() == OperandSpec.Size.B ? 1 : wide ? 4 : Math.min(width, 4);
          insn.imm = bytes == 1 ? (byte) next() : bytes == 2 ? (short) little(2) : (int) little(4);
          set(n, OperandKind.RELATIVE, 0, insn.operandSize);
        }
        case FAR_POINTER -> {
          insn.imm = little(insn.operandSize);
          insn.imm2 = little(2);
          set(n, OperandKind.FAR_POINTER, 0, insn.operandSize);
        }
        case OFFSET -> {
          insn.displacement = little(insn.addressSize);
          memory(n, width);
        }
        case STRING_SOURCE -> set(n, OperandKind.STRING_SOURCE, 6, width);
        case STRING_DESTINATION -> set(n, OperandKind.STRING_DESTINATION, 7, width);
        case REG_SEGMENT -> {
          int segment = modrm >> 3 & 7;
          if (segment > 5) {
            return DecodeResult.UNDEFINED;
          }
          set(n, OperandKind.SEGMENT, segment, 2);
        }
        case FIXED_SEGMENT -> set(n, OperandKind.SEGMENT, spec.fixed(), 2);
        case REG_CONTROL -> set(n, OperandKind.CONTROL, reg, width);
        case REG_DEBUG -> set(n, OperandKind.DEBUG, reg, width);
        case RM_ST -> set(n, OperandKind.ST, modrm & 7, 10);
        case FIXED_ST -> set(n, OperandKind.ST, 0, 10);
        case REG_MMX -> set(n, OperandKind.MMX, modrm >> 3 & 7, 8);
        case RM_MMX, RM_MMX_ONLY -> {
          if (memory) {
            memory(n, width);
          } else {
            set(n, OperandKind.MMX, modrm & 7, 8);
          }
        }
        case REG_VECTOR -> set(n, OperandKind.VECTOR, reg | evexR2, width);
        case RM_VECTOR, RM_VECTOR_ONLY -> {
          if (memory) {
            memory(n, spec.broadcast() != 0 && insn.evexB ? spec.broadcast() : width);
          } else {
            set(n, OperandKind.VECTOR, rm | evexX4, width);
          }
        }
        case VVVV_VECTOR -> set(n, OperandKind.VECTOR, vvvv | evexV2, width);
        case IS4_VECTOR -> {
          insn.imm = next();
          int register = (int) insn.imm >> 4;
          set(n, OperandKind.VECTOR, mode == 64 ? register : register & 7, width);
          immediateSeen = true;
        }
        case FIXED_VECTOR -> set(n, OperandKind.VECTOR, 0, width);
        case REG_OPMASK -> {
          if (reg > 7 || evexR2 != 0) {
            return DecodeResult.UNDEFINED;
          }
          set(n, OperandKind.OPMASK, reg, width);
        }
        case RM_OPMASK, RM_OPMASK_ONLY -> {
          if (memory) {
            memory(n, width);
          } else {
            set(n, OperandKind.OPMASK, modrm & 7, width);
          }
        }
        case VVVV_OPMASK -> {
          if (vvvv > 7 || evexV2 != 0) {
            return DecodeResult.UNDEFINED;
          }
          set(n, OperandKind.OPMASK, vvvv, width);
        }
        case ONE -> {
          insn.imm = 1;
          set(n, OperandKind.IMMEDIATE, 0, 1);
        }
      }
    }
    return DecodeResult.OK;
  }

  private long immediate(OperandSpec spec, int width) {
    return switch (spec.size()) {
      case B -> next();
      case BS -> (byte) next();
      case W -> little(2);
      case Z -> width == 2 ? (short) little(2) : (int) little(4);
      case V -> width == 2 ? little(2) : width == 4 ? little(4) : little(8);
      default -> little(width);
    };
  }

  private void set(int n, OperandKind kind, int register, int width) {
    insn.kind[n] = kind;
    insn.register[n] = register;
    insn.width[n] = width;
  }

  private void memory(int n, int width) {
    set(n, OperandKind.MEMORY, 0, width);
  }

  private void gpr(int n, int register, int width) {
    if (width == 1 && register >= 4 && register < 8 && !insn.has(Insn.REX) && space == 0) {
      set(n, OperandKind.GPR_HIGH, register - 4, 1);
    } else {
      set(n, OperandKind.GPR, register, width);
    }
  }
}
