// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Near branches (SDM vol. 1, "Control Transfer Instructions"). */
final class Branches {
  private static final int RCX = 1;

  private Branches() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case JMP -> jump(v, i, target(v, i));
      case CALL -> {
        long target = checked(v, i, target(v, i));
        Stack.push(v, i.operandSize, State.get(s, State.NEXT_RIP));
        State.set(s, State.NEXT_RIP, target);
      }
      case RET -> {
        long target = checked(v, i, Stack.peek(v, 0, i.operandSize));
        Stack.release(v, i.operandSize + (i.operandCount > 0 ? i.imm & 0xFFFF : 0));
        State.set(s, State.NEXT_RIP, target);
      }
      case LOOP -> loop(v, i, true);
      case LOOPE -> loop(v, i, Flags.zf(s));
      case LOOPNE -> loop(v, i, !Flags.zf(s));
      case JCXZ, JECXZ, JRCXZ -> {
        if (State.gpr(s, RCX, i.addressSize) == 0) {
          jump(v, i, target(v, i));
        }
      }
      default -> {
        if (Flags.condition(s, i.row.opcode & 15)) {
          jump(v, i, target(v, i));
        }
      }
    }
  }

  private static long target(Vcpu v, Insn i) {
    return i.kind[0] == OperandKind.RELATIVE
        ? State.get(v.state, State.RIP) + i.length + i.imm
        : Operands.read(v, i, 0);
  }

  private static void jump(Vcpu v, Insn i, long target) {
    State.set(v.state, State.NEXT_RIP, checked(v, i, target));
  }

  /** {@return the target cut to the operand size} Faults if it is not canonical or not in CS. */
  private static long checked(Vcpu v, Insn i, long target) {
    long s = v.state;
    long cut = EffectiveAddress.truncate(target, i.operandSize);
    if (i.mode == 64 ? !State.isCanonical(s, cut) : cut > State.limit(s, Segment.CS)) {
      throw v.protection();
    }
    return cut;
  }

  private static void loop(Vcpu v, Insn i, boolean condition) {
    long s = v.state;
    long count = EffectiveAddress.truncate(State.gpr(s, RCX) - 1, i.addressSize);
    long target = count != 0 && condition ? checked(v, i, target(v, i)) : -1;
    State.setGpr(s, RCX, i.addressSize, count);
    if (count != 0 && condition) {
      State.set(s, State.NEXT_RIP, target);
    }
  }
}
