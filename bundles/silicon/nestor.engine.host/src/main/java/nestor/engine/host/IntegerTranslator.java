// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Addition, subtraction, logic, comparison: the same instruction on the host. */
final class IntegerTranslator {
  private final Translation t;
  private final Emitter e;

  IntegerTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case ADD -> arithmetic(i, Emitter.ADD);
      case OR -> arithmetic(i, Emitter.OR);
      case ADC -> arithmetic(i, Emitter.ADC);
      case SBB -> arithmetic(i, Emitter.SBB);
      case AND -> arithmetic(i, Emitter.AND);
      case SUB -> arithmetic(i, Emitter.SUB);
      case XOR -> arithmetic(i, Emitter.XOR);
      case CMP -> arithmetic(i, Emitter.CMP);
      case TEST -> test(i);
      case INC -> unary(i, 0xFE, 0, true);
      case DEC -> unary(i, 0xFE, 1, true);
      case NOT -> unary(i, 0xF6, 2, false);
      case NEG -> unary(i, 0xF6, 3, false);
      default -> false;
    };
  }

  private static boolean isRegister(Insn i, int n) {
    return i.kind[n] == OperandKind.GPR;
  }

  private boolean arithmetic(Insn i, int operation) {
    int w = i.width[0];
    boolean carry = operation == Emitter.ADC || operation == Emitter.SBB;
    if (i.kind[0] == OperandKind.MEMORY) {
      return Translation.canAddress(i) && arithmeticToMemory(i, operation, w, carry);
    }
    if (!isRegister(i, 0)) {
      return false;
    }
    int d = i.register[0];
    switch (i.kind[1]) {
      case GPR -> {
        if (carry) {
          t.needFlags();
        }
        int to = t.read(d, RAX);
        e.arithmetic(operation, w, to, t.read(i.register[1], RCX));
        finish(operation, d, to);
      }
      case IMMEDIATE -> {
        if (carry) {
          t.needFlags();
        }
        int to = t.read(d, RAX);
        e.arithmeticImmediate(operation, w, to, (int) i.imm);
        finish(operation, d, to);
      }
      case MEMORY -> {
        if (!Translation.canAddress(i)) {
          return false;
        }
        t.address(i, w, false);
        int at = addressBeforeFlags(carry);
        int to = t.read(d, at == RAX ? RCX : RAX);
        e.arithmeticLoad(operation, w, to, at, 0);
        finish(operation, d, to);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** If the flags are needed too, which takes RAX, the address moves to RCX. */
  private int addressBeforeFlags(boolean needed) {
    if (!needed) {
      return RAX;
    }
    e.move(8, RCX, RAX);
    t.needFlags();
    return RCX;
  }

  private void finish(int operation, int guest, int host) {
    if (operation != Emitter.CMP) {
      t.written(guest, host);
    }
    t.flagsSet();
  }

  private boolean arithmeticToMemory(Insn i, int operation, int w, boolean carry) {
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    if (!immediate && !isRegister(i, 1)) {
      return false;
    }
    t.address(i, w, operation != Emitter.CMP);
    int at = addressBeforeFlags(carry);
    if (immediate) {
      e.arithmeticMemoryImmediate(operation, w, at, 0, (int) i.imm);
    } else {
      int from = t.read(i.register[1], at == RAX ? RCX : RAX);
      e.arithmeticStore(operation, w, from, at, 0);
    }
    t.flagsSet();
    return true;
  }

  private boolean test(Insn i) {
    int w = i.width[0];
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    if (!immediate && !isRegister(i, 1)) {
      return false;
    }
    if (isRegister(i, 0)) {
      int a = t.read(i.register[0], RAX);
      if (immediate) {
        e.testImmediate(w, a, (int) i.imm);
      } else {
        e.registers(w == 1 ? 0x84 : 0x85, w, a, t.read(i.register[1], RCX));
      }
    } else if (i.kind[0] == OperandKind.MEMORY && Translation.canAddress(i)) {
      t.address(i, w, false);
      if (immediate) {
        e.testMemoryImmediate(w, RAX, 0, (int) i.imm);
      } else {
        e.memory(w == 1 ? 0x84 : 0x85, w, t.read(i.register[1], RCX), RAX, 0);
      }
    } else {
      return false;
    }
    t.flagsSet();
    return true;
  }

  /** INC, DEC keep CF, NOT sets no flags, NEG sets all. */
  private boolean unary(Insn i, int opcode, int extension, boolean carryStays) {
    int w = i.width[0];
    int code = w == 1 ? opcode : opcode + 1;
    boolean keepsCarry = carryStays && !t.flagsDead();
    if (isRegister(i, 0)) {
      if (keepsCarry) {
        t.needFlags();
      }
      int to = t.read(i.register[0], RAX);
      e.registers(code, w, extension, to, true);
      t.written(i.register[0], to);
    } else if (i.kind[0] == OperandKind.MEMORY && Translation.canAddress(i)) {
      t.address(i, w, true);
      int at = addressBeforeFlags(keepsCarry);
      e.memoryExtension(code, w, extension, at, 0);
    } else {
      return false;
    }
    if (extension != 2) {
      t.flagsSet();
    }
    return true;
  }
}
