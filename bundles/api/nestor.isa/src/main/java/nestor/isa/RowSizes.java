// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** What a row and its prefixes say of sizes, for the decoder and the encoder alike. */
final class RowSizes {
  /** Base registers of a 16-bit address by ModRM.rm (SDM vol. 2, table 2-1); 16 is none. */
  static final int[] BASE16 = {3, 3, 5, 5, 16, 16, 5, 3};

  /** Index registers of a 16-bit address by ModRM.rm; 16 is none. */
  static final int[] INDEX16 = {6, 7, 6, 7, 6, 7, 16, 16};

  private RowSizes() {}

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

  /** MOV to and from CR and DR ignore ModRM.mod. */
  static boolean controlMove(Row row) {
    for (OperandSpec spec : row.operands) {
      if (spec.where() == OperandSpec.Where.REG_CONTROL
          || spec.where() == OperandSpec.Where.REG_DEBUG) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@return the bytes that an immediate takes in the encoding}
   *
   * @throws IllegalArgumentException if immediates have no such size
   */
  static int immediate(OperandSpec spec, int operandSize) {
    return switch (spec.size()) {
      case B, BS -> 1;
      case W -> 2;
      case D -> 4;
      case Z -> Math.min(operandSize, 4);
      case V -> operandSize;
      default -> throw new IllegalArgumentException("no immediate has the size " + spec.size());
    };
  }
}
