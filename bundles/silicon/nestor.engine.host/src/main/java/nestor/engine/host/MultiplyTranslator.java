// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RDX;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;

/**
 * Multiplication and division. A multiplication keeps SF, ZF, AF and PF, as the host must; a
 * division keeps all flags, and is done only where it cannot fault.
 */
final class MultiplyTranslator {
  private static final int GUEST_RAX = Frame.host(0);

  private final Translation t;
  private final Emitter e;

  MultiplyTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case MUL -> widening(i, 4);
      case IMUL -> i.operandCount == 1 ? widening(i, 5) : multiply(i);
      case DIV -> divide(i, false);
      case IDIV -> divide(i, true);
      default -> false;
    };
  }

  /**
   * {@return the register with operand {@code n}: its own or RCX, or -1} Flags move to the frame.
   */
  private int source(Insn i, int n, int w) {
    if (i.kind[n] == OperandKind.GPR) {
      return t.read(i.register[n], RCX);
    }
    if (i.kind[n] != OperandKind.MEMORY || !Translation.canAddress(i)) {
      return -1;
    }
    t.address(i, w, false);
    e.load(w, RCX, RAX, 0);
    return RCX;
  }

  private boolean widening(Insn i, int extension) {
    int w = i.width[0];
    int from = source(i, 0, w);
    if (from < 0) {
      return false;
    }
    t.needFlags();
    e.move(8, RAX, GUEST_RAX);
    e.registers(w == 1 ? 0xF6 : 0xF7, w, extension, from, true);
    e.move(8, GUEST_RAX, RAX);
    t.someFlagsSet(Flags.CF);
    return true;
  }

  private boolean multiply(Insn i) {
    int w = i.width[0];
    int n = i.operandCount - 1;
    boolean immediate = i.kind[n] == OperandKind.IMMEDIATE;
    int from = source(i, immediate ? n - 1 : n, w);
    if (from < 0) {
      return false;
    }
    if (!t.flagsDead()) {
      t.needFlags();
    }
    int d = i.register[0];
    int to;
    if (immediate) {
      to = w == 2 ? t.read(d, RAX) : Translation.target(d, RAX);
      boolean small = i.imm == (byte) i.imm;
      e.registers(small ? 0x6B : 0x69, w, to, from);
      e.immediate(small ? 1 : w, (int) i.imm);
    } else {
      to = t.read(d, RAX);
      e.registers(0x0FAF, w, to, from);
    }
    t.written(d, to);
    if (t.flagsDead()) {
      t.flagsSet();
    } else {
      t.someFlagsSet(Flags.CF);
    }
    return true;
  }

  private boolean divide(Insn i, boolean signed) {
    int w = i.width[0];
    if (w < 4) {
      return false;
    }
    t.saveFlags();
    int by = source(i, 0, w);
    if (by < 0) {
      return false;
    }
    if (by != RCX) {
      e.move(w, RCX, by);
    }
    if (signed) {
      // Only a dividend that is its own sign extension, and a divisor other than 0 and -1.
      e.move(w, RAX, GUEST_RAX);
      e.shift(7, w, RAX, 8 * w - 1);
      e.arithmetic(Emitter.CMP, w, RAX, RDX);
      e.jump(Emitter.NOT_EQUAL, t.slow());
      e.lea(w, RAX, RCX, Emitter.NONE, 0, 1);
      e.arithmeticImmediate(Emitter.CMP, w, RAX, 1);
      e.jump(Emitter.BELOW_OR_EQUAL, t.slow());
    } else {
      e.arithmetic(Emitter.CMP, w, RDX, RCX);
      e.jump(Emitter.ABOVE_OR_EQUAL, t.slow());
    }
    e.move(8, RAX, GUEST_RAX);
    e.registers(0xF7, w, signed ? 7 : 6, RCX, true);
    e.move(8, GUEST_RAX, RAX);
    t.flagsLost();
    return true;
  }
}
