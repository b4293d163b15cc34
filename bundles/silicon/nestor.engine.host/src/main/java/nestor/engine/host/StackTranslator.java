// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Pushes and pops of the size that the mode has: 64 bits, or 32. */
final class StackTranslator {
  static final int GUEST_RSP = Frame.host(4);
  private static final int GUEST_RBP = Frame.host(5);

  private final Translation t;
  private final Emitter e;

  /** Bytes of one push, and of the stack pointer. */
  private int w;

  StackTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    if (i.operandSize != i.mode / 8) {
      return false;
    }
    width(i);
    return switch (i.row.mnemonic) {
      case PUSH -> push(i);
      case POP -> pop(i);
      case LEAVE -> leave();
      default -> false;
    };
  }

  /** Takes the size of pushes from the mode. */
  void width(Insn i) {
    w = i.mode / 8;
  }

  /** Puts the host address of the new top of the stack into RAX; RSP still has the old. */
  void below() {
    t.saveFlags();
    e.lea(w, RAX, GUEST_RSP, Emitter.NONE, 0, -w);
    t.check(w, true);
  }

  void grow() {
    e.lea(w, GUEST_RSP, GUEST_RSP, Emitter.NONE, 0, -w);
  }

  /** Puts the host address of the top of the stack into RAX. */
  void top() {
    t.saveFlags();
    e.move(w, RAX, GUEST_RSP);
    t.check(w, false);
  }

  void shrink(int bytes) {
    e.lea(w, GUEST_RSP, GUEST_RSP, Emitter.NONE, 0, bytes);
  }

  private boolean push(Insn i) {
    switch (i.kind[0]) {
      case GPR -> {
        below();
        e.store(w, t.read(i.register[0], RCX), RAX, 0);
      }
      case IMMEDIATE -> {
        below();
        e.storeImmediate(w, RAX, 0, (int) i.imm);
      }
      case MEMORY -> {
        if (!Translation.canAddress(i)) {
          return false;
        }
        t.address(i, w, false);
        e.load(w, RCX, RAX, 0);
        e.store(8, RCX, RSP, Frame.KEPT);
        below();
        e.load(8, RCX, RSP, Frame.KEPT);
        e.store(w, RCX, RAX, 0);
      }
      default -> {
        return false;
      }
    }
    grow();
    return true;
  }

  private boolean pop(Insn i) {
    if (i.kind[0] != OperandKind.GPR) {
      return false;
    }
    top();
    shrink(w); // before the load: POP RSP ends with the popped value
    int to = Translation.target(i.register[0], RCX);
    e.load(w, to, RAX, 0);
    t.written(i.register[0], to);
    return true;
  }

  private boolean leave() {
    t.saveFlags();
    e.move(w, RAX, GUEST_RBP);
    t.check(w, false);
    e.lea(w, GUEST_RSP, GUEST_RBP, Emitter.NONE, 0, w);
    e.load(w, GUEST_RBP, RAX, 0);
    return true;
  }
}
