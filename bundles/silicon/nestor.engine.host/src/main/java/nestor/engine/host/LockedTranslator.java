// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;

/**
 * Locked read-modify-writes and fences where vCPUs run in parallel: the host's own, which are the
 * guest's (SDM vol. 3A, "Locked Atomic Operations" and "Memory Ordering"). An operand that crosses
 * a page, or lies in no plain RAM, is Java's, which stops the other vCPUs for it.
 */
final class LockedTranslator {
  private static final int GUEST_RAX = Frame.host(0);

  /** Holds an address while RAX and RCX are taken; its guest value waits in the frame. */
  private static final int BORROWED = 6;

  private final Translation t;
  private final Emitter e;
  private final WideExchangeTranslator wideExchanges;

  LockedTranslator(Translation t, WideExchangeTranslator wideExchanges) {
    this.t = t;
    this.e = t.e;
    this.wideExchanges = wideExchanges;
  }

  /** {@return whether the instruction is this class's business} */
  static boolean isLocked(Insn i) {
    return switch (i.row.mnemonic) {
      case MFENCE, SFENCE -> true;
      case XCHG -> i.kind[0] == OperandKind.MEMORY;
      default -> i.has(Insn.LOCK) && i.kind[0] == OperandKind.MEMORY;
    };
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    switch (i.row.mnemonic) {
      case MFENCE -> {
        return fence(0xF0);
      }
      case SFENCE -> {
        return fence(0xF8);
      }
      default -> {
        return Translation.canAddress(i) && readModifyWrite(i);
      }
    }
  }

  private boolean readModifyWrite(Insn i) {
    return switch (i.row.mnemonic) {
      case ADD -> arithmetic(i, Emitter.ADD);
      case OR -> arithmetic(i, Emitter.OR);
      case ADC -> arithmetic(i, Emitter.ADC);
      case SBB -> arithmetic(i, Emitter.SBB);
      case AND -> arithmetic(i, Emitter.AND);
      case SUB -> arithmetic(i, Emitter.SUB);
      case XOR -> arithmetic(i, Emitter.XOR);
      case INC -> unary(i, 0xFE, 0);
      case DEC -> unary(i, 0xFE, 1);
      case NOT -> unary(i, 0xF6, 2);
      case NEG -> unary(i, 0xF6, 3);
      case BTS -> bitTest(i, 5);
      case BTR -> bitTest(i, 6);
      case BTC -> bitTest(i, 7);
      case XCHG -> exchange(i);
      case XADD -> exchangeAdd(i);
      case CMPXCHG -> compareExchange(i);
      case CMPXCHG8B, CMPXCHG16B -> wideExchanges.translate(i, true);
      default -> false;
    };
  }

  private boolean fence(int modrm) {
    e.emit8(0x0F);
    e.emit8(0xAE);
    e.emit8(modrm);
    return true;
  }

  private void lock() {
    e.emit8(0xF0);
  }

  /** With the address in RAX: where it is once the flags, which take RAX, are in EFLAGS. */
  private int addressBeforeFlags(boolean needed) {
    if (!needed) {
      return RAX;
    }
    e.move(8, RCX, RAX);
    t.needFlags();
    return RCX;
  }

  private boolean arithmetic(Insn i, int operation) {
    int w = i.width[0];
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    if (!immediate && i.kind[1] != OperandKind.GPR) {
      return false;
    }
    t.address(i, w, true);
    int at = addressBeforeFlags(operation == Emitter.ADC || operation == Emitter.SBB);
    if (immediate) {
      lock();
      e.arithmeticMemoryImmediate(operation, w, at, 0, (int) i.imm);
    } else {
      int from = t.read(i.register[1], at == RAX ? RCX : RAX);
      lock();
      e.arithmeticStore(operation, w, from, at, 0);
    }
    t.flagsSet();
    return true;
  }

  /** INC, DEC keep CF, NOT sets no flags, NEG sets all. */
  private boolean unary(Insn i, int opcode, int extension) {
    int w = i.width[0];
    t.address(i, w, true);
    int at = addressBeforeFlags(opcode == 0xFE);
    lock();
    e.memoryExtension(w == 1 ? opcode : opcode + 1, w, extension, at, 0);
    if (i.row.mnemonic != Mnemonic.NOT) {
      t.flagsSet();
    }
    return true;
  }

  /** CF alone changes. A register offset selects the unit first, then the bit in it. */
  private boolean bitTest(Insn i, int extension) {
    int w = i.width[0];
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    if (immediate) {
      t.address(i, w, true);
      lock();
      e.memoryExtension(0x0FBA, w, extension, RAX, 0);
      e.emit8((int) i.imm & 8 * w - 1);
    } else {
      if (w < 4 || i.addressSize != 8 || i.segment >= 4) {
        return false;
      }
      int s = i.register[1];
      t.saveFlags();
      t.effectiveAddress(i);
      e.moveSigned(w, RCX, t.read(s, RCX));
      e.shift(7, 8, RCX, w == 8 ? 6 : 5);
      e.lea(8, RAX, RAX, RCX, w == 8 ? 3 : 2, 0);
      t.check(w, true);
      e.move(4, RCX, t.read(s, RCX));
      e.arithmeticImmediate(Emitter.AND, 4, RCX, 8 * w - 1);
      lock();
      e.memory(0x0F83 | extension << 3, w, RCX, RAX, 0);
    }
    t.mergeFlags(Flags.CF);
    return true;
  }

  /** The host locks this by itself. */
  private boolean exchange(Insn i) {
    int w = i.width[0];
    if (i.kind[1] != OperandKind.GPR) {
      return false;
    }
    t.address(i, w, true);
    int register = t.read(i.register[1], RCX);
    e.memory(w == 1 ? 0x86 : 0x87, w, register, RAX, 0);
    t.written(i.register[1], register);
    return true;
  }

  private boolean exchangeAdd(Insn i) {
    int w = i.width[0];
    if (i.kind[1] != OperandKind.GPR) {
      return false;
    }
    t.address(i, w, true);
    int register = t.read(i.register[1], RCX);
    lock();
    e.memory(w == 1 ? 0x0FC0 : 0x0FC1, w, register, RAX, 0);
    t.written(i.register[1], register);
    t.flagsSet();
    return true;
  }

  private boolean compareExchange(Insn i) {
    int w = i.width[0];
    if (i.kind[1] != OperandKind.GPR) {
      return false;
    }
    t.address(i, w, true);
    e.move(8, RCX, t.read(i.register[1], RCX));
    borrow();
    e.move(8, RAX, GUEST_RAX);
    lock();
    e.memory(w == 1 ? 0x0FB0 : 0x0FB1, w, RCX, BORROWED, 0);
    giveBack();
    // An equal accumulator keeps all its bits, also the upper half of RAX.
    int equal = e.shortJump(Emitter.EQUAL);
    e.registers(w == 1 ? 0x8A : 0x8B, w, GUEST_RAX, RAX);
    e.bind(equal);
    t.flagsSet();
    return true;
  }

  /** Moves the address from RAX to a register that the instruction does not use. */
  private void borrow() {
    e.store(8, BORROWED, RSP, Frame.KEPT);
    e.move(8, BORROWED, RAX);
  }

  private void giveBack() {
    e.load(8, BORROWED, RSP, Frame.KEPT);
  }
}
