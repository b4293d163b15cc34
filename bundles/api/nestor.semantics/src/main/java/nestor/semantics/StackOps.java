// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** PUSH, POP, ENTER, LEAVE, PUSHA, POPA, PUSHF, POPF. */
final class StackOps {
  private static final int RSP = 4;
  private static final int RBP = 5;

  private StackOps() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case PUSH -> push(v, i);
      case POP -> pop(v, i);
      case PUSHA -> pushAll(v, i.operandSize);
      case POPA -> popAll(v, i.operandSize);
      case ENTER -> enter(v, i);
      case LEAVE -> leave(v, i);
      case PUSHF -> {
        askHypervisor(v, i);
        pushFlags(v, i);
      }
      case POPF -> {
        askHypervisor(v, i);
        popFlags(v, i);
      }
      default -> throw v.undefined();
    }
  }

  /** PUSHF and POPF may leave guest mode. */
  private static void askHypervisor(Vcpu v, Insn i) {
    if ((i.row.interceptMask & v.intercepts.instructions) != 0) {
      v.virtualization.instruction(i);
    }
  }

  private static void push(Vcpu v, Insn i) {
    if (i.kind[0] == OperandKind.SEGMENT) {
      pushSelector(v, i);
      return;
    }
    Stack.push(v, i.operandSize, Operands.read(v, i, 0));
  }

  /** With a 32-bit operand processors write the selector alone and leave the upper word. */
  private static void pushSelector(Vcpu v, Insn i) {
    long s = v.state;
    int selector = State.selector(s, i.register[0]);
    if (i.operandSize != 4) {
      Stack.push(v, i.operandSize, selector);
      return;
    }
    long top = EffectiveAddress.truncate(State.gpr(s, RSP) - 4, Stack.width(s));
    GuestMemory.store(v, EffectiveAddress.linear(v, Segment.SS, top, 2, true), 2, selector);
    Stack.setPointer(s, top);
  }

  /** POP to memory computes its address with the RSP after the pop (SDM vol. 2, "POP"). */
  private static void pop(Vcpu v, Insn i) {
    long s = v.state;
    int size = i.operandSize;
    long old = State.gpr(s, RSP);
    long value = Stack.pop(v, size);
    if (i.kind[0] == OperandKind.MEMORY) {
      try {
        Operands.write(v, i, 0, value);
      } catch (nestor.vcpu.GuestFault fault) {
        State.setGpr(s, RSP, old);
        throw fault;
      }
    } else {
      Operands.write(v, i, 0, value);
    }
  }

  private static void pushAll(Vcpu v, int size) {
    long s = v.state;
    int width = Stack.width(s);
    long old = State.gpr(s, RSP);
    long bottom = EffectiveAddress.truncate(old - 8L * size, width);
    for (int n = 0; n < 8; n++) { // EDI lowest
      long offset = EffectiveAddress.truncate(bottom + (7L - n) * size, width);
      // All addresses are checked before RSP moves; stores below RSP cannot be told apart.
      long linear = EffectiveAddress.linear(v, Segment.SS, offset, size, true);
      GuestMemory.store(v, linear, size, n == RSP ? old : State.gpr(s, n));
    }
    Stack.setPointer(s, bottom);
  }

  private static void popAll(Vcpu v, int size) {
    long s = v.state;
    long[] values = new long[8];
    for (int n = 0; n < 8; n++) {
      values[7 - n] = Stack.peek(v, (long) n * size, size);
    }
    for (int n = 0; n < 8; n++) {
      if (n != RSP) {
        State.setGpr(s, n, size, values[n]);
      }
    }
    Stack.release(v, 8L * size);
  }

  private static void enter(Vcpu v, Insn i) {
    long s = v.state;
    int size = i.operandSize;
    int width = Stack.width(s);
    int level = (int) i.imm2 & 31;
    long rsp = State.gpr(s, RSP);
    long rbp = State.gpr(s, RBP);
    long top = EffectiveAddress.truncate(rsp - size, width);
    storeStack(v, top, size, rbp);
    long frame = top;
    if (level > 0) {
      long link = rbp;
      for (int n = 1; n < level; n++) {
        link = EffectiveAddress.truncate(link - size, width);
        long value =
            GuestMemory.load(v, EffectiveAddress.linear(v, Segment.SS, link, size, false), size);
        top = EffectiveAddress.truncate(top - size, width);
        storeStack(v, top, size, value);
      }
      top = EffectiveAddress.truncate(top - size, width);
      storeStack(v, top, size, frame);
    }
    top = EffectiveAddress.truncate(top - (i.imm & 0xFFFF), width);
    // The new top must be writable (SDM vol. 2, "ENTER").
    v.mmu.checkWrite(EffectiveAddress.linear(v, Segment.SS, top, size, true), size);
    State.setGpr(s, RBP, size, frame);
    Stack.setPointer(s, top);
  }

  private static void storeStack(Vcpu v, long offset, int size, long value) {
    GuestMemory.store(v, EffectiveAddress.linear(v, Segment.SS, offset, size, true), size, value);
  }

  private static void leave(Vcpu v, Insn i) {
    long s = v.state;
    int size = i.operandSize;
    int width = Stack.width(s);
    long frame = EffectiveAddress.truncate(State.gpr(s, RBP), width);
    long value =
        GuestMemory.load(v, EffectiveAddress.linear(v, Segment.SS, frame, size, false), size);
    Stack.setPointer(s, EffectiveAddress.truncate(frame + size, width));
    State.setGpr(s, RBP, size, value);
  }

  private static boolean iopl(long s) {
    return (State.get(s, State.RFLAGS) & Flags.IOPL) == Flags.IOPL;
  }

  private static void pushFlags(Vcpu v, Insn i) {
    long s = v.state;
    long flags = Flags.read(s) & ~(Flags.RF | Flags.VM);
    if (State.virtual8086(s) && !iopl(s)) {
      if ((State.get(s, State.CR4) & 1) == 0 || i.operandSize != 2) {
        throw v.protection();
      }
      // Virtual-8086 mode extensions: VIF stands in for IF, IOPL reads as 3.
      flags = flags & ~Flags.IF | Flags.IOPL | ((flags & Flags.VIF) != 0 ? Flags.IF : 0);
    }
    Stack.push(v, i.operandSize, flags);
  }

  private static void popFlags(Vcpu v, Insn i) {
    long s = v.state;
    int size = i.operandSize;
    long old = Flags.read(s);
    boolean v86 = State.virtual8086(s);
    boolean extensions = v86 && !iopl(s);
    if (extensions && ((State.get(s, State.CR4) & 1) == 0 || size != 2)) {
      throw v.protection();
    }
    long popped = Stack.peek(v, 0, size);
    long writable = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | Flags.AC | Flags.ID;
    int cpl = State.cpl(s);
    if (extensions) {
      if ((popped & Flags.IF) != 0 && (old & Flags.VIP) != 0 || (popped & Flags.TF) != 0) {
        throw v.protection();
      }
      popped = popped & ~Flags.VIF | ((popped & Flags.IF) != 0 ? Flags.VIF : 0);
      long value = old & ~0x4DD5L & ~Flags.VIF | popped & (0x4DD5L & ~Flags.IF | Flags.VIF) | 2;
      Stack.release(v, size);
      Flags.write(s, value);
      v.flagsWritten(value);
      return;
    }
    if (cpl == 0 && !v86 || !State.protectedMode(s)) {
      writable |= Flags.IOPL | Flags.IF;
    } else if (v86 || cpl <= (int) (old >> 12 & 3)) {
      writable |= Flags.IF;
    }
    if (size == 2) {
      writable &= 0xFFFF;
    }
    Stack.release(v, size);
    long value = old & ~writable & ~Flags.RF | popped & writable | 2;
    Flags.write(s, value);
    v.flagsWritten(value);
  }
}
