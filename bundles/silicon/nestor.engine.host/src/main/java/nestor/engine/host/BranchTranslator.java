// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Near branches: they end the block. */
final class BranchTranslator {
  private final Translation t;
  private final Emitter e;
  private final StackTranslator stack;

  /** Bytes of an instruction pointer. */
  private int w;

  BranchTranslator(Translation t, StackTranslator stack) {
    this.t = t;
    this.e = t.e;
    this.stack = stack;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    w = i.mode / 8;
    if (i.operandSize != w) {
      return false;
    }
    stack.width(i);
    return switch (i.row.mnemonic) {
      case JMP -> jump(i);
      case CALL -> call(i);
      case RET -> ret(i);
      case LOOP, LOOPE, LOOPNE, JCXZ, JECXZ, JRCXZ -> false;
      default -> conditional(i);
    };
  }

  /** {@return whether a jump there can be translated: it cannot fault, or wrap around} */
  private boolean isInside(long rip) {
    return w == 8 ? rip << 16 >> 16 == rip : rip >>> 32 == 0;
  }

  private boolean conditional(Insn i) {
    long target = t.nextRip + i.imm;
    if (!isInside(target) || !isInside(t.nextRip)) {
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
      if (!isInside(target)) {
        return false;
      }
      t.edge(0, -1, target);
      return true;
    }
    if (!target(i)) {
      return false;
    }
    t.lookUpJump();
    t.endShadow();
    e.jumpRegister(RCX);
    return true;
  }

  /** Puts the target of an indirect branch into RAX. */
  private boolean target(Insn i) {
    t.saveFlags();
    if (i.kind[0] == OperandKind.GPR) {
      e.move(w, RAX, t.read(i.register[0], RAX));
      return true;
    }
    if (i.kind[0] != OperandKind.MEMORY || !Translation.canAddress(i)) {
      return false;
    }
    t.address(i, w, false);
    e.load(w, RAX, RAX, 0);
    return true;
  }

  private void pushReturn() {
    stack.below();
    if (w == 4 || t.nextRip == (int) t.nextRip) {
      e.storeImmediate(w, RAX, 0, (int) t.nextRip);
    } else {
      e.constant(RCX, t.nextRip);
      e.store(8, RCX, RAX, 0);
    }
    stack.grow();
  }

  private boolean call(Insn i) {
    if (i.kind[0] == OperandKind.RELATIVE) {
      long target = t.nextRip + i.imm;
      if (!isInside(target)) {
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
    t.endShadow();
    e.jumpMemory(RSP, Frame.KEPT);
    return true;
  }

  private boolean ret(Insn i) {
    stack.top();
    e.load(w, RAX, RAX, 0);
    t.lookUpJump();
    stack.shrink(w + (i.operandCount > 0 ? (int) i.imm & 0xFFFF : 0));
    t.endShadow();
    e.jumpRegister(RCX);
    return true;
  }
}
