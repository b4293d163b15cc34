// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RDX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.vcpu.State;

/**
 * RDTSC, RDTSCP and RDPID where nobody intercepts them. While the counter counts instructions, it
 * follows from the instructions that may still retire: see {@link State#TSC_AT_END}.
 */
final class TimeTranslator {
  private static final int TSD = 1 << 2;
  private static final int GUEST_RAX = Frame.host(0);
  private static final int GUEST_RCX = Frame.host(1);

  private final Translation t;
  private final Emitter e;

  TimeTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i, boolean intercepted) {
    if (intercepted) {
      return false;
    }
    return switch (i.row.mnemonic) {
      case RDTSC, RDTSCP -> counter(i.row.mnemonic == Mnemonic.RDTSCP);
      case RDPID -> processor(i);
      default -> false;
    };
  }

  private boolean counter(boolean withProcessor) {
    t.saveFlags();
    e.load(8, RCX, RSP, Frame.STATE);
    e.testMemoryImmediate(1, RCX, State.CR4, TSD);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.load(8, RAX, RCX, State.TSC_AT_END);
    e.registers(0x85, 8, RAX, RAX);
    e.jump(Emitter.EQUAL, t.slow());
    e.arithmeticLoad(Emitter.ADD, 8, RAX, RCX, State.TSC_OFFSET);
    e.arithmetic(Emitter.SUB, 8, RAX, Frame.BUDGET);
    e.arithmeticImmediate(Emitter.SUB, 8, RAX, t.leftOfBlock());
    e.move(4, GUEST_RAX, RAX);
    e.shift(5, 8, RAX, 32);
    e.move(4, RDX, RAX);
    if (withProcessor) {
      e.load(4, GUEST_RCX, RCX, State.TSC_AUX);
    }
    t.flagsLost();
    return true;
  }

  private boolean processor(Insn i) {
    e.load(8, RAX, RSP, Frame.STATE);
    int to = Translation.target(i.register[0], RCX);
    e.load(4, to, RAX, State.TSC_AUX);
    t.written(i.register[0], to);
    return true;
  }
}
