// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.isa.Row;

/** Turns the frequent instructions into packed form; all others stay generic. */
final class Lowering {
  long word;
  long word2;

  private Insn i;
  private int next;

  /**
   * {@return whether the instruction has a packed form, then in {@link #word} and {@link #word2}}
   */
  boolean lower(Insn insn, int nextOffset) {
    i = insn;
    next = nextOffset;
    if (insn.has(Insn.LOCK)) {
      return false;
    }
    return switch (insn.row.family) {
      case ALU -> arithmetic();
      case MOVES -> moves();
      case SHIFT_ROTATE -> shift();
      case BRANCHES -> branch();
      case STACK -> stack();
      case MULTIPLY_DIVIDE -> multiply();
      case HINTS -> hint();
      default -> false;
    };
  }

  private boolean hint() {
    switch (i.row.mnemonic) {
      case PAUSE, SERIALIZE, MFENCE -> {
        return false;
      }
      default -> {
        if (i.row.opcode == 0x0D) {
          return false; // 0F 0D: not for all vendors without effect
        }
        word = Packed.word(Handlers.NOP, 0, 0, 0);
        return true;
      }
    }
  }

  private static int shift(int width) {
    return 64 - 8 * width;
  }

  private boolean isRegister(int n) {
    return i.kind[n] == OperandKind.GPR;
  }

  private boolean isMemory(int n) {
    return i.kind[n] == OperandKind.MEMORY;
  }

  /** Operands of 4 or 8 bytes. */
  private boolean isWide(int n) {
    return i.width[n] >= 4;
  }

  private boolean set(int handler, int register1, int register2, int width, long immediate) {
    if (immediate != (int) immediate) {
      return false;
    }
    word = Packed.word(handler, register1, register2, shift(width));
    word2 = Packed.immediates(0, immediate);
    return true;
  }

  /** A memory form; only 64-bit mode with 64-bit addresses has them. */
  private boolean setMemory(int handler, int register1, int width, long immediate) {
    if (i.mode != 64 || i.addressSize != 8 || immediate != (int) immediate) {
      return false;
    }
    long displacement = i.displacement;
    int base = i.base;
    if (base == Insn.RIP) {
      displacement += next;
      base = Packed.BLOCK_RIP;
    }
    if (displacement != (int) displacement) {
      return false;
    }
    word = Packed.word(handler, register1, 0, base, i.index, i.scale, shift(width));
    if (i.segment == 4) {
      word |= Packed.SEGMENT;
    } else if (i.segment == 5) {
      word |= Packed.SEGMENT | Packed.SEGMENT_GS;
    } else if (i.has(Insn.SEGMENT_OVERRIDE)) {
      return false;
    }
    word2 = Packed.immediates(displacement, immediate);
    return true;
  }

  private static int operation(Row row) {
    return switch (row.mnemonic) {
      case ADD -> Handlers.ADD;
      case OR -> Handlers.OR;
      case ADC -> Handlers.ADC;
      case SBB -> Handlers.SBB;
      case AND -> Handlers.AND;
      case SUB -> Handlers.SUB;
      case XOR -> Handlers.XOR;
      case CMP -> Handlers.CMP;
      case TEST -> Handlers.TEST;
      default -> -1;
    };
  }

  private boolean arithmetic() {
    int operation = operation(i.row);
    if (operation < 0) {
      return unary();
    }
    if (!isWide(0)) {
      return i.width[0] == 1 && arithmetic8(operation);
    }
    int width = i.width[0];
    if (i.kind[1] == OperandKind.IMMEDIATE) {
      return isRegister(0)
          ? set(Handlers.REGISTER_IMMEDIATE + operation, i.register[0], 0, width, i.imm)
          : setMemory(Handlers.MEMORY_IMMEDIATE + operation, 0, width, i.imm);
    }
    if (isMemory(0)) {
      return setMemory(Handlers.MEMORY_REGISTER + operation, i.register[1], width, 0);
    }
    if (isMemory(1)) {
      return setMemory(Handlers.REGISTER_MEMORY + operation, i.register[0], width, 0);
    }
    return set(Handlers.REGISTER_REGISTER + operation, i.register[0], i.register[1], width, 0);
  }

  private boolean unary() {
    int handler =
        switch (i.row.mnemonic) {
          case INC -> Handlers.INC;
          case DEC -> Handlers.DEC;
          case NEG -> Handlers.NEG;
          case NOT -> Handlers.NOT;
          default -> 0;
        };
    return handler != 0
        && isRegister(0)
        && isWide(0)
        && set(handler, i.register[0], 0, i.width[0], 0);
  }

  private boolean arithmetic8(int operation) {
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    if (operation == Handlers.CMP && immediate) {
      return isMemory(0)
          ? setMemory(Handlers.CMP8_MEMORY_IMMEDIATE, 0, 8, i.imm)
          : isRegister(0) && set(Handlers.CMP8_REGISTER_IMMEDIATE, i.register[0], 0, 8, i.imm);
    }
    if (operation == Handlers.TEST && immediate) {
      return isMemory(0)
          ? setMemory(Handlers.TEST8_MEMORY_IMMEDIATE, 0, 8, i.imm)
          : isRegister(0) && set(Handlers.TEST8_REGISTER_IMMEDIATE, i.register[0], 0, 8, i.imm);
    }
    return operation == Handlers.TEST
        && isRegister(0)
        && isRegister(1)
        && set(Handlers.TEST8_REGISTER_REGISTER, i.register[0], i.register[1], 8, 0);
  }

  private boolean moves() {
    switch (i.row.mnemonic) {
      case MOV -> {
        return move();
      }
      case LEA -> {
        return i.width[0] >= 4
            && i.segment < 4
            && setMemory(Handlers.LEA, i.register[0], i.width[0], 0);
      }
      case MOVZX -> {
        return extend(
            Handlers.LOAD_ZERO8, Handlers.LOAD_ZERO16, 0, Handlers.ZERO8, Handlers.ZERO16, 0);
      }
      case MOVSX, MOVSXD -> {
        return extend(
            Handlers.LOAD_SIGN8,
            Handlers.LOAD_SIGN16,
            Handlers.LOAD_SIGN32,
            Handlers.SIGN8,
            Handlers.SIGN16,
            Handlers.SIGN32);
      }
      default -> {
        return conditional();
      }
    }
  }

  private boolean extend(int load8, int load16, int load32, int move8, int move16, int move32) {
    if (!isWide(0)) {
      return false;
    }
    int width = i.width[1];
    if (isMemory(1)) {
      int handler = width == 1 ? load8 : width == 2 ? load16 : load32;
      return handler != 0 && setMemory(handler, i.register[0], i.width[0], 0);
    }
    int handler = width == 1 ? move8 : width == 2 ? move16 : move32;
    return handler != 0
        && isRegister(1)
        && set(handler, i.register[0], i.register[1], i.width[0], 0);
  }

  private boolean conditional() {
    int condition = i.row.opcode & 15;
    if (i.row.opcode >= 0x90 && i.row.opcode < 0xA0 && i.row.map == 1) {
      return isRegister(0) && set(Handlers.SET, i.register[0], condition, 8, 0);
    }
    if (i.row.opcode >= 0x40 && i.row.opcode < 0x50 && i.row.map == 1) {
      return isRegister(1)
          && isWide(0)
          && set(Handlers.CMOV, i.register[0], i.register[1], i.width[0], condition);
    }
    return false;
  }

  private boolean move() {
    int width = i.width[0];
    if (isRegister(0) && isRegister(1)) {
      if (width == 1) {
        return set(Handlers.MOV_REGISTER_REGISTER8, i.register[0], i.register[1], 8, 0);
      }
      return width >= 4
          && set(Handlers.MOV_REGISTER_REGISTER, i.register[0], i.register[1], width, 0);
    }
    if (i.kind[1] == OperandKind.IMMEDIATE) {
      return moveImmediate(width);
    }
    if (isRegister(0) && isMemory(1)) {
      return switch (width) {
        case 8 -> setMemory(Handlers.MOV_LOAD64, i.register[0], 8, 0);
        case 4 -> setMemory(Handlers.MOV_LOAD32, i.register[0], 4, 0);
        case 1 -> setMemory(Handlers.MOV_LOAD8, i.register[0], 8, 0);
        default -> false;
      };
    }
    if (isMemory(0) && isRegister(1)) {
      return switch (width) {
        case 8 -> setMemory(Handlers.MOV_STORE64, i.register[1], 8, 0);
        case 4 -> setMemory(Handlers.MOV_STORE32, i.register[1], 8, 0);
        case 2 -> setMemory(Handlers.MOV_STORE16, i.register[1], 8, 0);
        default -> setMemory(Handlers.MOV_STORE8, i.register[1], 8, 0);
      };
    }
    return false;
  }

  private boolean moveImmediate(int width) {
    if (isMemory(0)) {
      return width >= 4
          ? setMemory(Handlers.MOV_STORE_IMMEDIATE, 0, width, i.imm)
          : width == 1 && setMemory(Handlers.MOV_STORE_IMMEDIATE8, 0, 8, i.imm);
    }
    if (!isRegister(0) || width < 4) {
      return false;
    }
    if (i.imm == (int) i.imm) {
      return set(Handlers.MOV_REGISTER_IMMEDIATE, i.register[0], 0, width, i.imm);
    }
    word = Packed.word(Handlers.MOV_REGISTER_IMMEDIATE64, i.register[0], 0, 0);
    word2 = i.imm;
    return true;
  }

  private boolean shift() {
    int handler =
        switch (i.row.mnemonic) {
          case SHL, SAL -> Handlers.SHL;
          case SHR -> Handlers.SHR;
          case SAR -> Handlers.SAR;
          default -> 0;
        };
    if (handler == 0
        || !isRegister(0)
        || !isWide(0)
        || i.operandCount != 2
        || i.kind[1] != OperandKind.IMMEDIATE) {
      return false;
    }
    long count = i.imm & (8L * i.width[0] - 1);
    return count != 0 && set(handler, i.register[0], 0, i.width[0], count);
  }

  private boolean multiply() {
    if (i.row.mnemonic != nestor.isa.Mnemonic.IMUL
        || i.operandCount < 2
        || !isWide(0)
        || !isRegister(1)) {
      return false;
    }
    return i.operandCount == 2
        ? set(Handlers.MULTIPLY, i.register[0], i.register[1], i.width[0], 0)
        : set(Handlers.MULTIPLY_IMMEDIATE, i.register[0], i.register[1], i.width[0], i.imm);
  }

  private boolean stack() {
    if (i.mode != 64 || i.operandSize != 8) {
      return false;
    }
    switch (i.row.mnemonic) {
      case PUSH -> {
        if (i.kind[0] == OperandKind.IMMEDIATE) {
          return set(Handlers.PUSH_IMMEDIATE, 0, 0, 8, i.imm);
        }
        return isRegister(0) && set(Handlers.PUSH64, i.register[0], 0, 8, 0);
      }
      case POP -> {
        return isRegister(0) && set(Handlers.POP64, i.register[0], 0, 8, 0);
      }
      default -> {
        return false;
      }
    }
  }

  private boolean branch() {
    boolean is64 = i.mode == 64;
    if (is64 && i.operandSize != 8) {
      return false; // AMD's 16-bit near branches
    }
    if (i.operandCount > 0
        && i.kind[0] == OperandKind.RELATIVE
        && (is64 || i.mode == 32 && i.operandSize == 4)) {
      int width = is64 ? 8 : 4;
      long target = next + i.imm;
      switch (i.row.mnemonic) {
        case JMP -> word = Packed.word(Handlers.JUMP, 0, 0, shift(width));
        case CALL -> {
          if (!is64) {
            return false;
          }
          word = Packed.word(Handlers.CALL64, 0, 0, 0);
        }
        case LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, JRCXZ -> {
          return false;
        }
        default -> word = Packed.word(Handlers.JUMP_CONDITION, i.row.opcode & 15, 0, shift(width));
      }
      word2 = target;
      return true;
    }
    if (!is64) {
      return false;
    }
    switch (i.row.mnemonic) {
      case RET -> {
        return i.operandCount == 0 && set(Handlers.RETURN64, 0, 0, 8, 0);
      }
      case JMP -> {
        return isMemory(0)
            ? setMemory(Handlers.JUMP_MEMORY64, 0, 8, 0)
            : set(Handlers.JUMP_REGISTER64, i.register[0], 0, 8, 0);
      }
      case CALL -> {
        return isMemory(0)
            ? setMemory(Handlers.CALL_MEMORY64, 0, 8, 0)
            : set(Handlers.CALL_REGISTER64, i.register[0], 0, 8, 0);
      }
      default -> {
        return false;
      }
    }
  }
}
