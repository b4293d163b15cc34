// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.RowAttribute;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * String instructions with their repeat prefixes (SDM vol. 1, "String Operations").
 *
 * <p>Each iteration is one retired instruction, and rCX, rSI and rDI are exact after each, so a
 * fault or an interrupt between iterations finds the state the manual promises. When the budget is
 * used up RIP stays at the instruction.
 */
final class StringOps {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RSI = 6;
  private static final int RDI = 7;

  private StringOps() {}

  static void execute(Vcpu v, Insn i) {
    if (!i.isRepeated()) {
      iteration(v, i);
      return;
    }
    long s = v.state;
    long count = State.gpr(s, RCX, i.addressSize);
    if (count == 0) {
      return;
    }
    long allowed = allowed(s);
    boolean compares = i.row.has(RowAttribute.REP_CONDITION);
    long done = 0;
    while (true) {
      long bulk = compares ? 0 : BulkStrings.run(v, i, Math.min(count, allowed - done));
      if (bulk > 0) {
        done += bulk;
        count -= bulk;
      } else {
        try {
          iteration(v, i);
        } catch (nestor.vcpu.GuestFault fault) {
          State.retireMore(s, done);
          throw fault;
        }
        done++;
        count--;
        State.setGpr(s, RCX, i.addressSize, count);
      }
      if (count == 0 || compares && Flags.zf(s) != i.has(Insn.REP)) {
        break;
      }
      if (done >= allowed || State.get(s, State.ATTENTION) != 0) {
        State.set(s, State.NEXT_RIP, State.get(s, State.RIP));
        if (State.get(s, State.STEP) != 0) {
          State.set(s, State.FALL_THROUGH, State.get(s, State.RIP)); // no branch
        }
        break;
      }
    }
    State.retireMore(s, done - 1);
  }

  /** Iterations until somebody must look: with RFLAGS.TF the debug trap follows each. */
  private static long allowed(long s) {
    boolean trap = (State.get(s, State.STEP) & State.STEP_TRAP) != 0;
    return trap ? 1 : Math.max(1, State.remaining(s));
  }

  private static void iteration(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case MOVSB, MOVSW, MOVSD, MOVSQ -> {
        int w = i.width[0];
        long value = GuestMemory.load(v, source(v, i, w), w);
        GuestMemory.store(v, destination(v, i, w, true), w, value);
        advance(s, RSI, i, w);
        advance(s, RDI, i, w);
      }
      case STOSB, STOSW, STOSD, STOSQ -> {
        int w = i.width[0];
        GuestMemory.store(v, destination(v, i, w, true), w, State.gpr(s, RAX, w));
        advance(s, RDI, i, w);
      }
      case LODSB, LODSW, LODSD, LODSQ -> {
        int w = i.width[0];
        State.setGpr(s, RAX, w, GuestMemory.load(v, source(v, i, w), w));
        advance(s, RSI, i, w);
      }
      case CMPSB, CMPSW, CMPSD, CMPSQ -> {
        int w = i.width[0];
        long a = Operands.signed(GuestMemory.load(v, source(v, i, w), w), w);
        long b = Operands.signed(GuestMemory.load(v, destination(v, i, w, false), w), w);
        Flags.sub(s, a, b, Operands.signed(a - b, w));
        advance(s, RSI, i, w);
        advance(s, RDI, i, w);
      }
      case SCASB, SCASW, SCASD, SCASQ -> {
        int w = i.width[0];
        long a = Operands.signed(State.gpr(s, RAX, w), w);
        long b = Operands.signed(GuestMemory.load(v, destination(v, i, w, false), w), w);
        Flags.sub(s, a, b, Operands.signed(a - b, w));
        advance(s, RDI, i, w);
      }
      default -> throw v.undefined();
    }
  }

  static long source(Vcpu v, Insn i, int size) {
    return EffectiveAddress.linear(
        v, i.segment, State.gpr(v.state, RSI, i.addressSize), size, false);
  }

  static long destination(Vcpu v, Insn i, int size, boolean write) {
    return EffectiveAddress.linear(
        v, Segment.ES, State.gpr(v.state, RDI, i.addressSize), size, write);
  }

  static void advance(long s, int register, Insn i, long bytes) {
    long step = (State.get(s, State.RFLAGS) & Flags.DF) != 0 ? -bytes : bytes;
    State.setGpr(s, register, i.addressSize, State.gpr(s, register) + step);
  }
}
