// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * An operand as it stands in an assembler text.
 *
 * @param width of a register, or of memory as "dword ptr" says; 0 if nothing says it
 * @param value of a number; of memory, the displacement; of a far pointer, the offset
 * @param selector of a far pointer
 * @param memory null unless it is memory
 */
record AsmOperand(Kind kind, int register, int width, long value, long selector, Memory memory) {

  /** What it is. */
  enum Kind {
    REGISTER,
    HIGH_REGISTER,
    SEGMENT,
    CONTROL,
    DEBUG,
    ST,
    MMX,
    VECTOR,
    OPMASK,
    MEMORY,
    NUMBER,
    FAR
  }

  /**
   * Where memory lies.
   *
   * @param segment override, or -1
   * @param addressSize in bytes as its registers say; 0 without registers
   */
  record Memory(int segment, int base, int index, int scale, int addressSize) {}

  static AsmOperand register(Kind kind, int number, int width) {
    return new AsmOperand(kind, number, width, 0, 0, null);
  }

  static AsmOperand number(long value) {
    return new AsmOperand(Kind.NUMBER, 0, 0, value, 0, null);
  }

  boolean isMemory() {
    return kind == Kind.MEMORY;
  }

  /** {@return what the decoder calls such a register; null if it is none} */
  OperandKind decoded() {
    return switch (kind) {
      case REGISTER -> OperandKind.GPR;
      case HIGH_REGISTER -> OperandKind.GPR_HIGH;
      case SEGMENT -> OperandKind.SEGMENT;
      case CONTROL -> OperandKind.CONTROL;
      case DEBUG -> OperandKind.DEBUG;
      case ST -> OperandKind.ST;
      case MMX -> OperandKind.MMX;
      case VECTOR -> OperandKind.VECTOR;
      case OPMASK -> OperandKind.OPMASK;
      case MEMORY, NUMBER, FAR -> null;
    };
  }
}
