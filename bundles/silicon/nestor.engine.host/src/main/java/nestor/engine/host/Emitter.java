// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

/**
 * Encodes host instructions (SDM vol. 2, "Instruction Format").
 *
 * <p>Every instruction that the engine can emit is put together here from register numbers and
 * constants; nothing is copied from the guest. Widths are in bytes.
 */
final class Emitter extends CodeBuffer {
  static final int RAX = 0;
  static final int RCX = 1;
  static final int RDX = 2;
  static final int RBX = 3;
  static final int RSP = 4;
  static final int RBP = 5;
  static final int RSI = 6;
  static final int RDI = 7;

  /** No index register. */
  static final int NONE = -1;

  // Condition codes (SDM vol. 1, appendix B).
  static final int OVERFLOW = 0;
  static final int BELOW = 2;
  static final int ABOVE_OR_EQUAL = 3;
  static final int EQUAL = 4;
  static final int NOT_EQUAL = 5;
  static final int BELOW_OR_EQUAL = 6;
  static final int ABOVE = 7;
  static final int SIGN = 8;
  static final int LESS = 12;

  // Operations of the first opcode block and of group 1, in the order of their encoding.
  static final int ADD = 0;
  static final int OR = 1;
  static final int ADC = 2;
  static final int SBB = 3;
  static final int AND = 4;
  static final int SUB = 5;
  static final int XOR = 6;
  static final int CMP = 7;

  Emitter(int capacity) {
    super(capacity);
  }

  /** Prefix and REX: for operands whose byte registers need a REX, {@code force} it. */
  private void prefixes(int prefix, boolean wide, int reg, int index, int base, boolean force) {
    if (prefix != 0) {
      emit8(prefix);
    }
    int rex =
        0x40
            | (wide ? 8 : 0)
            | (reg >> 1 & 4)
            | (index > 0 ? index >> 2 & 2 : 0)
            | (base > 0 ? base >> 3 & 1 : 0);
    if (rex != 0x40 || force) {
      emit8(rex);
    }
  }

  /** One-byte opcodes as they are, others with their escape bytes on top: 0x0FB6, 0x0F38F1. */
  private void opcode(int opcode) {
    if (opcode > 0xFFFF) {
      emit8(opcode >> 16);
    }
    if (opcode > 0xFF) {
      emit8(opcode >> 8);
    }
    emit8(opcode);
  }

  private static boolean needsRex(int width, int register) {
    return width == 1 && register >= 4 && register < 8;
  }

  private static int prefix(int width) {
    return width == 2 ? 0x66 : 0;
  }

  /** Operation on registers with a mandatory prefix or none. */
  void registers(int prefix, int opcode, boolean wide, int reg, int rm) {
    prefixes(prefix, wide, reg, 0, rm, false);
    opcode(opcode);
    emit8(0xC0 | (reg & 7) << 3 | rm & 7);
  }

  /** Operation on general registers of a width. */
  void registers(int opcode, int width, int reg, int rm) {
    prefixes(prefix(width), width == 8, reg, 0, rm, needsRex(width, reg) || needsRex(width, rm));
    opcode(opcode);
    emit8(0xC0 | (reg & 7) << 3 | rm & 7);
  }

  /** Operation on a register and [base + displacement], with a mandatory prefix or none. */
  void memory(int prefix, int opcode, boolean wide, int reg, int base, int displacement) {
    prefixes(prefix, wide, reg, 0, base, false);
    opcode(opcode);
    address(reg, base, NONE, 0, displacement);
  }

  /** Operation on a general register of a width and [base + displacement]. */
  void memory(int opcode, int width, int reg, int base, int displacement) {
    prefixes(prefix(width), width == 8, reg, 0, base, needsRex(width, reg));
    opcode(opcode);
    address(reg, base, NONE, 0, displacement);
  }

  private void address(int reg, int base, int index, int scale, int displacement) {
    int r = (reg & 7) << 3;
    if (base == NONE) {
      emit8(r | 4);
      emit8(scale << 6 | (index == NONE ? 4 : index & 7) << 3 | 5);
      emit32(displacement);
      return;
    }
    boolean sib = index != NONE || (base & 7) == RSP;
    int mod =
        displacement == 0 && (base & 7) != RBP ? 0 : displacement == (byte) displacement ? 1 : 2;
    emit8(mod << 6 | r | (sib ? 4 : base & 7));
    if (sib) {
      emit8(scale << 6 | (index == NONE ? 4 : index & 7) << 3 | base & 7);
    }
    if (mod == 1) {
      emit8(displacement);
    } else if (mod == 2) {
      emit32(displacement);
    }
  }

  void lea(int width, int reg, int base, int index, int scale, int displacement) {
    prefixes(0, width == 8, reg, index, base, false);
    emit8(0x8D);
    address(reg, base, index, scale, displacement);
  }

  void move(int width, int to, int from) {
    registers(0x8B, width, to, from);
  }

  void load(int width, int reg, int base, int displacement) {
    memory(width == 1 ? 0x8A : 0x8B, width, reg, base, displacement);
  }

  void store(int width, int reg, int base, int displacement) {
    memory(width == 1 ? 0x88 : 0x89, width, reg, base, displacement);
  }

  /** MOV [base + displacement], immediate; sign-extended to 8 bytes. */
  void storeImmediate(int width, int base, int displacement, int value) {
    memory(width == 1 ? 0xC6 : 0xC7, width, 0, base, displacement);
    immediate(width, value);
  }

  void immediate(int width, int value) {
    switch (width) {
      case 1 -> emit8(value);
      case 2 -> {
        emit8(value);
        emit8(value >> 8);
      }
      default -> emit32(value);
    }
  }

  /** Loads a constant in the shortest form; flags stay. */
  void constant(int reg, long value) {
    if (value >>> 32 == 0) {
      prefixes(0, false, 0, 0, reg, false);
      emit8(0xB8 | reg & 7);
      emit32((int) value);
    } else if (value == (int) value) {
      prefixes(0, true, 0, 0, reg, false);
      emit8(0xC7);
      emit8(0xC0 | reg & 7);
      emit32((int) value);
    } else {
      constant64(reg, value);
    }
  }

  /** Loads a constant in the ten-byte form; its last eight bytes may be patched. */
  void constant64(int reg, long value) {
    prefixes(0, true, 0, 0, reg, false);
    emit8(0xB8 | reg & 7);
    emit64(value);
  }

  void arithmetic(int operation, int width, int to, int from) {
    registers(operation << 3 | (width == 1 ? 2 : 3), width, to, from);
  }

  /** Register op= [base + displacement]. */
  void arithmeticLoad(int operation, int width, int reg, int base, int displacement) {
    memory(operation << 3 | (width == 1 ? 2 : 3), width, reg, base, displacement);
  }

  /** [base + displacement] op= register. */
  void arithmeticStore(int operation, int width, int reg, int base, int displacement) {
    memory(operation << 3 | (width == 1 ? 0 : 1), width, reg, base, displacement);
  }

  void arithmeticImmediate(int operation, int width, int reg, int value) {
    boolean small = value == (byte) value;
    registers(width == 1 ? 0x80 : small ? 0x83 : 0x81, width, operation, reg, true);
    immediate(small ? 1 : width, value);
  }

  /** As {@link #registers(int, int, int, int)}, where reg extends the opcode. */
  void registers(int opcode, int width, int extension, int rm, boolean isExtension) {
    prefixes(prefix(width), width == 8, 0, 0, rm, needsRex(width, rm));
    opcode(opcode);
    emit8(0xC0 | extension << 3 | rm & 7);
  }

  /** As {@link #memory(int, int, int, int, int)}, where reg extends the opcode. */
  void memoryExtension(int opcode, int width, int extension, int base, int displacement) {
    prefixes(prefix(width), width == 8, 0, 0, base, false);
    opcode(opcode);
    address(extension, base, NONE, 0, displacement);
  }

  void arithmeticMemoryImmediate(int operation, int width, int base, int displacement, int value) {
    boolean small = value == (byte) value;
    memoryExtension(width == 1 ? 0x80 : small ? 0x83 : 0x81, width, operation, base, displacement);
    immediate(small ? 1 : width, value);
  }

  /** CMP RAX, constant. */
  void compareRax(int value) {
    emit8(0x48);
    emit8(0x3D);
    emit32(value);
  }

  /** An operation on AH, CH, DH or BH, numbered 4-7, with an immediate. */
  void highByte(int opcode, int extension, int register, int value) {
    emit8(opcode);
    emit8(0xC0 | extension << 3 | register);
    emit8(value);
  }

  void testImmediate(int width, int reg, int value) {
    registers(width == 1 ? 0xF6 : 0xF7, width, 0, reg, true);
    immediate(width, value);
  }

  void testMemoryImmediate(int width, int base, int displacement, int value) {
    memoryExtension(width == 1 ? 0xF6 : 0xF7, width, 0, base, displacement);
    immediate(width, value);
  }

  /** Shift or rotate, group 2: ROL ROR RCL RCR SHL SHR - SAR. */
  void shift(int operation, int width, int reg, int count) {
    if (count == 1) {
      registers(width == 1 ? 0xD0 : 0xD1, width, operation, reg, true);
    } else {
      registers(width == 1 ? 0xC0 : 0xC1, width, operation, reg, true);
      emit8(count);
    }
  }

  void shiftMemory(int operation, int width, int base, int count) {
    memoryExtension(width == 1 ? 0xC0 : 0xC1, width, operation, base, 0);
    emit8(count);
  }

  void shiftByCl(int operation, int width, int reg) {
    registers(width == 1 ? 0xD2 : 0xD3, width, operation, reg, true);
  }

  /** MOV register, immediate of 1 or 2 bytes. */
  void moveImmediate(int width, int reg, int value) {
    registers(width == 1 ? 0xC6 : 0xC7, width, 0, reg, true);
    immediate(width, value);
  }

  /** MOVZX, MOVSX, MOVSXD between registers. */
  void extend(int opcode, int width, int to, int from, int fromWidth) {
    prefixes(prefix(width), width == 8, to, 0, from, needsRex(fromWidth, from));
    opcode(opcode);
    emit8(0xC0 | (to & 7) << 3 | from & 7);
  }

  /** Copies a register, sign-extended from 4 bytes or all 8. */
  void moveSigned(int fromWidth, int to, int from) {
    registers(fromWidth == 4 ? 0x63 : 0x8B, 8, to, from);
  }

  /** An F3-prefixed operation on registers. */
  void repeated(int opcode, int width, int to, int from) {
    if (width == 2) {
      throw new IllegalArgumentException("16 bits");
    }
    registers(0xF3, opcode, width == 8, to, from);
  }

  /** An operation on implicit registers. */
  void registers(int opcode, int width) {
    prefixes(prefix(width), width == 8, 0, 0, 0, false);
    opcode(opcode);
  }

  void byteSwap(int width, int reg) {
    prefixes(0, width == 8, 0, 0, reg, false);
    emit8(0x0F);
    emit8(0xC8 | reg & 7);
  }

  /** The three-byte VEX prefix; {@code rm} is the base or the register in ModRM.rm. */
  void vex(int prefix, int map, int wide, boolean is256, int vvvv, int reg, int rm) {
    emit8(0xC4);
    emit8((reg < 8 ? 0x80 : 0) | 0x40 | (rm < 8 ? 0x20 : 0) | map);
    emit8(wide << 7 | (~vvvv & 15) << 3 | (is256 ? 4 : 0) | prefix);
  }

  /** The EVEX prefix for registers 0-15, without mask and broadcast. */
  void evex(int prefix, int map, int wide, boolean is256, int vvvv, int reg, int rm) {
    emit8(0x62);
    emit8((reg < 8 ? 0x80 : 0) | 0x40 | (rm < 8 ? 0x20 : 0) | 0x10 | map);
    emit8(wide << 7 | (~vvvv & 15) << 3 | 4 | prefix);
    emit8((is256 ? 0x20 : 0) | 8);
  }

  /** What follows a VEX prefix: opcode and a memory operand. */
  void opcodeMemory(int opcode, int reg, int base, int displacement) {
    emit8(opcode);
    address(reg, base, NONE, 0, displacement);
  }

  /** A ModRM byte for a register, or for memory at RAX. */
  void modrm(int reg, int rm, boolean memory) {
    emit8((memory ? 0 : 0xC0) | (reg & 7) << 3 | rm & 7);
  }

  /** REP MOVS or REP STOS, by the opcode of the byte form. */
  void repeatString(int opcode, int width) {
    emit8(0xF3);
    registers(width == 1 ? opcode : opcode + 1, width);
  }

  void lahf() {
    emit8(0x9F);
  }

  void sahf() {
    emit8(0x9E);
  }

  void set(int condition, int reg) {
    registers(0x0F90 | condition, 1, 0, reg, true);
  }

  void jumpRegister(int reg) {
    prefixes(0, false, 0, 0, reg, false);
    emit8(0xFF);
    emit8(0xC0 | 4 << 3 | reg & 7);
  }

  void jumpMemory(int base, int displacement) {
    prefixes(0, false, 0, 0, base, false);
    emit8(0xFF);
    address(4, base, NONE, 0, displacement);
  }

  void push(int reg) {
    prefixes(0, false, 0, 0, reg, false);
    emit8(0x50 | reg & 7);
  }

  void pop(int reg) {
    prefixes(0, false, 0, 0, reg, false);
    emit8(0x58 | reg & 7);
  }
}
