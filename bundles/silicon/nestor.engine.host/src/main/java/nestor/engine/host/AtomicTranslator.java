// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/**
 * XCHG, XADD, CMPXCHG. Where the vCPUs of a machine take turns on one thread each instruction is
 * atomic as it is, and the host's LOCK, which a misaligned operand makes very slow, is left out;
 * {@link LockedTranslator} is for the others.
 */
final class AtomicTranslator {
  private static final int GUEST_RAX = Frame.host(0);

  private final Translation t;
  private final Emitter e;

  AtomicTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case XCHG -> exchange(i);
      case XADD -> exchangeAdd(i);
      case CMPXCHG -> compareExchange(i);
      default -> false;
    };
  }

  private boolean exchange(Insn i) {
    int w = i.width[0];
    if (i.kind[1] != OperandKind.GPR) {
      return false;
    }
    if (i.kind[0] == OperandKind.GPR) {
      int a = t.read(i.register[0], RAX);
      int b = t.read(i.register[1], RCX);
      e.registers(w == 1 ? 0x86 : 0x87, w, a, b);
      t.written(i.register[0], a);
      t.written(i.register[1], b);
      return true;
    }
    if (i.kind[0] != OperandKind.MEMORY
        || !Translation.canAddress(i)
        || !Frame.isPinned(i.register[1])) {
      return false;
    }
    t.address(i, w, true);
    int register = Frame.host(i.register[1]);
    e.load(w, RCX, RAX, 0);
    e.store(w, register, RAX, 0);
    e.registers(w == 1 ? 0x8A : 0x8B, w, register, RCX);
    return true;
  }

  private boolean exchangeAdd(Insn i) {
    int w = i.width[0];
    int opcode = w == 1 ? 0x0FC0 : 0x0FC1;
    if (i.kind[1] != OperandKind.GPR) {
      return false;
    }
    if (i.kind[0] == OperandKind.GPR) {
      if (!Frame.isPinned(i.register[0]) || !Frame.isPinned(i.register[1])) {
        return false;
      }
      e.registers(opcode, w, Frame.host(i.register[1]), Frame.host(i.register[0]));
    } else if (i.kind[0] == OperandKind.MEMORY && Translation.canAddress(i)) {
      t.address(i, w, true);
      int b = t.read(i.register[1], RCX);
      e.memory(opcode, w, b, RAX, 0);
      t.written(i.register[1], b);
    } else {
      return false;
    }
    t.flagsSet();
    return true;
  }

  private boolean compareExchange(Insn i) {
    int w = i.width[0];
    if (i.kind[0] != OperandKind.MEMORY
        || i.kind[1] != OperandKind.GPR
        || !Translation.canAddress(i)
        || !Frame.isPinned(i.register[1])) {
      return false;
    }
    t.address(i, w, true);
    e.move(8, RCX, RAX);
    e.move(8, RAX, GUEST_RAX);
    e.memory(w == 1 ? 0x0FB0 : 0x0FB1, w, Frame.host(i.register[1]), RCX, 0);
    // An equal accumulator keeps all its bits, also the upper half of RAX.
    int equal = e.shortJump(Emitter.EQUAL);
    e.registers(w == 1 ? 0x8A : 0x8B, w, GUEST_RAX, RAX);
    e.bind(equal);
    t.flagsSet();
    return true;
  }
}
