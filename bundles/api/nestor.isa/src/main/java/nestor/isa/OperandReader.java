// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** Reads what stands behind the opcode: the memory form, displacement and immediates of a row. */
final class OperandReader {
  private final CodeBytes code;
  private final Prefixes prefixes;
  private Insn insn;
  private int mode;

  OperandReader(CodeBytes code, Prefixes prefixes) {
    this.code = code;
    this.prefixes = prefixes;
  }

  /** Starts with an instruction whose mode, prefixes and sizes are known. */
  void begin(Insn out) {
    insn = out;
    mode = out.mode;
  }

  /** SIB and displacement (SDM vol. 2, "Addressing-Mode Encoding of ModR/M and SIB Bytes"). */
  void memoryForm(Row row, int modrm) {
    int mod = modrm >> 6;
    int rm = modrm & 7;
    int displacementSize;
    if (insn.addressSize == 2) {
      insn.base = RowSizes.BASE16[rm];
      insn.index = RowSizes.INDEX16[rm];
      displacementSize = mod == 1 ? 1 : mod == 2 ? 2 : 0;
      if (mod == 0 && rm == 6) {
        insn.base = Insn.NO_REGISTER;
        displacementSize = 2;
      }
    } else {
      displacementSize = mod == 1 ? 1 : mod == 2 ? 4 : 0;
      if (rm == 4) {
        int sib = code.next();
        insn.scale = sib >> 6;
        int index = (sib >> 3 & 7) | prefixes.rexX;
        if (row.has(RowAttribute.VSIB)) {
          insn.index = index | prefixes.evexV2;
        } else if (index != 4) {
          insn.index = index;
        }
        int base = sib & 7;
        if (base == 5 && mod == 0) {
          displacementSize = 4;
        } else {
          insn.base = base | prefixes.rexB;
        }
      } else if (rm == 5 && mod == 0) {
        displacementSize = 4;
        if (mode == 64) {
          insn.base = Insn.RIP;
        }
      } else {
        insn.base = rm | prefixes.rexB;
      }
    }
    switch (displacementSize) {
      case 1 -> insn.displacement = (byte) code.next();
      case 2 -> insn.displacement = (short) code.little(2);
      case 4 -> insn.displacement = (int) code.little(4);
      default -> {}
    }
    if (displacementSize == 1 && prefixes.space == 2) {
      insn.displacement *=
          RowSizes.scaleOfDisplacement(
              row, insn.evexB, insn.wide, insn.operandSize, insn.vectorLength, mode);
    }
    if (!insn.has(Insn.SEGMENT_OVERRIDE)) {
      insn.segment = (insn.base == 4 || insn.base == 5) ? 2 : 3;
    }
  }

  private int width(OperandSpec spec) {
    return RowSizes.width(spec, mode, insn.operandSize, insn.wide, insn.vectorLength);
  }

  /** The operands of a row in their order; {@link DecodeResult#UNDEFINED} if one does not exist. */
  DecodeResult operands(Row row, int opcode, int modrm, boolean memory) {
    int count = row.operands.size();
    insn.operandCount = count;
    boolean immediateSeen = false;
    int reg = modrm >= 0 ? (modrm >> 3 & 7) | prefixes.rexR : 0;
    int rm = modrm >= 0 ? (modrm & 7) | prefixes.rexB : 0;
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
          if (prefixes.evexR2 != 0) {
            return DecodeResult.UNDEFINED;
          }
          gpr(n, reg, width);
        }
        case VVVV_GPR -> gpr(n, prefixes.vvvv, width);
        case OPCODE_GPR -> gpr(n, (opcode & 7) | prefixes.rexB, width);
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
          insn.imm =
              bytes == 1
                  ? (byte) code.next()
                  : bytes == 2 ? (short) code.little(2) : (int) code.little(4);
          set(n, OperandKind.RELATIVE, 0, insn.operandSize);
        }
        case FAR_POINTER -> {
          insn.imm = code.little(insn.operandSize);
          insn.imm2 = code.little(2);
          set(n, OperandKind.FAR_POINTER, 0, insn.operandSize);
        }
        case OFFSET -> {
          insn.displacement = code.little(insn.addressSize);
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
        case REG_VECTOR -> set(n, OperandKind.VECTOR, reg | prefixes.evexR2, width);
        case RM_VECTOR, RM_VECTOR_ONLY -> {
          if (memory) {
            memory(n, spec.broadcast() != 0 && insn.evexB ? spec.broadcast() : width);
          } else {
            set(n, OperandKind.VECTOR, rm | prefixes.evexX4, width);
          }
        }
        case VVVV_VECTOR -> set(n, OperandKind.VECTOR, prefixes.vvvv | prefixes.evexV2, width);
        case IS4_VECTOR -> {
          insn.imm = code.next();
          int register = (int) insn.imm >> 4;
          set(n, OperandKind.VECTOR, mode == 64 ? register : register & 7, width);
          immediateSeen = true;
        }
        case FIXED_VECTOR -> set(n, OperandKind.VECTOR, 0, width);
        case REG_OPMASK -> {
          if (reg > 7 || prefixes.evexR2 != 0) {
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
          if (prefixes.vvvv > 7 || prefixes.evexV2 != 0) {
            return DecodeResult.UNDEFINED;
          }
          set(n, OperandKind.OPMASK, prefixes.vvvv, width);
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
      case B -> code.next();
      case BS -> (byte) code.next();
      case W -> code.little(2);
      case Z -> width == 2 ? (short) code.little(2) : (int) code.little(4);
      case V -> width == 2 ? code.little(2) : width == 4 ? code.little(4) : code.little(8);
      default -> code.little(width);
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
    if (width == 1 && register >= 4 && register < 8 && !insn.has(Insn.REX) && prefixes.space == 0) {
      set(n, OperandKind.GPR_HIGH, register - 4, 1);
    } else {
      set(n, OperandKind.GPR, register, width);
    }
  }
}
