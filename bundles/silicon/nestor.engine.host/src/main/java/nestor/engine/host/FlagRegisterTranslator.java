// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.State;

/**
 * CLI, STI, CLAC, STAC, PUSHF, POPF at privilege level 0, where no more than the flag itself is at
 * stake. An event that waits leaves what may let it in to Java.
 */
final class FlagRegisterTranslator {
  /** What POPF may change besides the flags that are handled here. */
  private static final int OTHERS = Flags.TF | Flags.IOPL | Flags.NT | Flags.AC | Flags.ID;

  private final Translation t;
  private final Emitter e;
  private final StackTranslator stack;

  FlagRegisterTranslator(Translation t, StackTranslator stack) {
    this.t = t;
    this.e = t.e;
    this.stack = stack;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i, boolean intercepted) {
    return switch (i.row.mnemonic) {
      case CLI -> clearInterruptFlag();
      case STI -> !intercepted && setInterruptFlag();
      case CLAC -> alignmentCheck(Emitter.AND, ~Flags.AC, FastTable.SUPERVISOR);
      case STAC -> alignmentCheck(Emitter.OR, Flags.AC, FastTable.SUPERVISOR_AC);
      case PUSHF -> !intercepted && i.operandSize == i.mode / 8 && pushFlags(i);
      case POPF -> !intercepted && i.operandSize == i.mode / 8 && popFlags(i);
      default -> false;
    };
  }

  /** Leaves to Java unless at level 0. RAX then has the address of the state block. */
  private void requireSupervisor() {
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CPL, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    t.flagsLost();
  }

  /** Leaves to Java if an event waits. RAX has the address of the state block. */
  private void requireNoEvent() {
    e.arithmeticMemoryImmediate(Emitter.CMP, 8, RAX, State.PENDING, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
  }

  private boolean clearInterruptFlag() {
    requireSupervisor();
    e.arithmeticMemoryImmediate(Emitter.AND, 4, RAX, State.RFLAGS, ~Flags.IF);
    return true;
  }

  /**
   * The next instruction is in the shadow: should it need Java, Java must find the shadow in the
   * state block; else it ends with that instruction.
   */
  private boolean setInterruptFlag() {
    if (t.isLast()) {
      return false;
    }
    requireSupervisor();
    requireNoEvent();
    e.testMemoryImmediate(4, RAX, State.RFLAGS, Flags.IF);
    int wasSet = e.shortJump(Emitter.NOT_EQUAL);
    e.arithmeticMemoryImmediate(Emitter.OR, 4, RAX, State.RFLAGS, Flags.IF);
    e.storeImmediate(8, RAX, State.STEP, State.STEP_STI);
    e.bind(wasSet);
    t.startShadow();
    return true;
  }

  /** Another view of memory: another fast table. */
  private boolean alignmentCheck(int operation, int value, int view) {
    requireSupervisor();
    e.arithmeticMemoryImmediate(operation, 4, RAX, State.RFLAGS, value);
    e.load(8, RCX, RAX, State.CONTEXT);
    e.arithmeticImmediate(Emitter.ADD, 8, RCX, view * FastTable.BYTES);
    e.store(8, RCX, RAX, State.FAST_TABLE);
    e.store(8, RCX, RSP, Frame.TABLE);
    return true;
  }

  private boolean pushFlags(Insn i) {
    stack.width(i);
    stack.below();
    e.store(8, RAX, RSP, Frame.KEPT);
    t.flagImage();
    e.load(8, RAX, RSP, Frame.KEPT);
    e.store(i.mode / 8, RCX, RAX, 0);
    stack.grow();
    t.flagsLost();
    return true;
  }

  private boolean popFlags(Insn i) {
    stack.width(i);
    stack.top();
    e.load(i.mode / 8, RCX, RAX, 0);
    e.store(8, RCX, RSP, Frame.KEPT);
    requireSupervisor();
    requireNoEvent();
    e.arithmeticLoad(Emitter.XOR, 4, RCX, RAX, State.RFLAGS);
    e.testImmediate(4, RCX, OTHERS);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.arithmeticImmediate(Emitter.AND, 4, RCX, Flags.IF | Flags.DF);
    e.arithmeticStore(Emitter.XOR, 4, RCX, RAX, State.RFLAGS);
    e.load(4, RCX, RSP, Frame.KEPT);
    t.arithmeticFlagsFromImage();
    stack.shrink(i.mode / 8);
    return true;
  }
}
