// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/**
 * AH, CH, DH and BH: the register is copied to RAX, whose AH the host can name, and back. Only
 * forms with one such operand and no memory.
 */
final class HighByteTranslator {
  private static final int AH = 4;

  private final Translation t;
  private final Emitter e;

  HighByteTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case OR -> immediate(i, Emitter.OR);
      case AND -> immediate(i, Emitter.AND);
      case XOR -> immediate(i, Emitter.XOR);
      case ADD -> immediate(i, Emitter.ADD);
      case SUB -> immediate(i, Emitter.SUB);
      case CMP -> immediate(i, Emitter.CMP);
      case TEST -> test(i);
      case MOVZX -> zeroExtend(i);
      default -> false;
    };
  }

  private static boolean hasImmediate(Insn i) {
    return i.kind[0] == OperandKind.GPR_HIGH && i.kind[1] == OperandKind.IMMEDIATE;
  }

  private boolean immediate(Insn i, int operation) {
    if (!hasImmediate(i)) {
      return false;
    }
    int host = Frame.host(i.register[0]);
    e.move(8, RAX, host);
    e.highByte(0x80, operation, AH, (int) i.imm);
    if (operation != Emitter.CMP) {
      e.move(8, host, RAX);
    }
    t.flagsSet();
    return true;
  }

  private boolean test(Insn i) {
    if (!hasImmediate(i)) {
      return false;
    }
    e.move(8, RAX, Frame.host(i.register[0]));
    e.highByte(0xF6, 0, AH, (int) i.imm);
    t.flagsSet();
    return true;
  }

  private boolean zeroExtend(Insn i) {
    if (i.kind[0] != OperandKind.GPR || i.width[0] < 4) {
      return false;
    }
    e.move(8, RAX, Frame.host(i.register[1]));
    e.registers(0x0FB6, 4, RCX, AH);
    int to = Translation.target(i.register[0], RCX);
    if (to != RCX) {
      e.move(4, to, RCX);
    }
    t.written(i.register[0], to);
    return true;
  }
}
