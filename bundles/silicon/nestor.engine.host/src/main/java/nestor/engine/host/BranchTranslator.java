// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Near branches of 64-bit mode: they end the block. */
final class BranchTranslator {
  private final Translation t;
  private final Emitter e;
  private final StackTranslator stack;

  BranchTranslator(Translation t, StackTranslator stack) {
    this.t = t;
    this.e = t.e;
    this.stack = stack;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    if (i.mode != 64 || i.operandSize != 8) {
      return false;
    }
    return switch (i.row.mnemonic) {
      case JMP -> jump(i);
      case CALL -> call(i);
      case RET -> ret(i);
      case LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, JRCXZ -> false;
      default -> conditional(i);
    };
  }

  private static boolean canonical(long rip) {
    return rip << 16 >> 16 == rip;
  }

  private boolean conditional(Insn i) {
    long target = t.nextRip + i.imm;
    if (!canonical(target) || !canonical(t.nextRip)) {
      return false;
    }
    int condition = t.condition(i.row.opcode & 15);
    t.edge(0, condition, target);
    t.edge(1, -1, t.nextRip);
    return true;
  }

  private boolean jump(Insn i) {
    if (i.kind[0] == OperandKind.RELATIVE) {
      long target = t.nextRip + i.imm;
      if (!canonical(target)) {
        return false;
      }
      t.edge(0, -1, target);
      return true;
    }
    if (!target(i)) {
      return false;
    }
    t.lookUpJump();
    e.jumpRegister(RCX);
    return true;
  }

  /** Puts the target of an indirect branch into RAX. */
  private boolean target(Insn i) {
    t.saveFlags();
    if (i.kind[0] == OperandKind.GPR) {
      int from = t.read(i.register[0], RAX);
      if (from != RAX) {
        e.move(8, RAX, from);
      }
      return true;
    }
    if (i.kind[0] != OperandKind.MEMORY || !Translation.canAddress(i)) {
      return false;
    }
    t.address(i, 8, false);
    e.load(8, RAX, RAX, 0);
    return true;
  }

  private void pushReturn() {
    stack.below();
    if (t.nextRip == (int) t.nextRip) {
      e.storeImmediate(8, RAX, 0, (int) t.nextRip);
    } else {
      e.constant(RCX, t.nextRip);
      e.store(8, RCX, RAX, 0);
    }
    stack.grow();
  }

  private boolean call(Insn i) {
    if (i.kind[0] == OperandKind.RELATIVE) {
      long target = t.nextRip + i.imm;
      if (!canonical(target)) {
        return false;
      }
      pushReturn();
      t.edge(0, -1, target);
      return true;
    }
    if (!target(i)) {
      return false;
    }
    t.lookUpJump();
    e.store(8, RCX, RSP, Frame.KEPT);
    pushReturn();
    e.jumpMemory(RSP, Frame.KEPT);
    return true;
  }

  private boolean ret(Insn i) {
    stack.top();
    e.load(8, RAX, RAX, 0);
    t.lookUpJump();
    stack.shrink(8 + (i.operandCount > 0 ? (int) i.imm & 0xFFFF : 0));
    e.jumpRegister(RCX);
    return true;
  }
}
