// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** IN, OUT, INS and OUTS (SDM vol. 1, "Input/Output"). */
final class Ports {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RSI = 6;
  private static final int RDI = 7;

  private final Core core;
  private final TaskState tss;
  private final DebugUnit debug;

  Ports(Core core, TaskState tss, DebugUnit debug) {
    this.core = core;
    this.tss = tss;
    this.debug = debug;
  }

  void execute(Insn i) {
    switch (i.row.mnemonic) {
      case IN -> {
        int size = Math.min(i.width[0], 4);
        State.setGpr(core.state, RAX, size, in(i, port(i, 1), size, 0));
      }
      case OUT -> {
        int size = Math.min(i.width[1], 4);
        out(i, port(i, 0), size, 0, (int) State.gpr(core.state, RAX, size));
      }
      case INSB -> repeat(i, 1, true);
      case INSW -> repeat(i, 2, true);
      case INSD -> repeat(i, 4, true);
      case OUTSB -> repeat(i, 1, false);
      case OUTSW -> repeat(i, 2, false);
      case OUTSD -> repeat(i, 4, false);
      default -> throw core.v.undefined();
    }
  }

  private int port(Insn i, int operand) {
    return i.kind[operand] == OperandKind.IMMEDIATE
        ? (int) i.imm & 0xFF
        : (int) Operands.read(core.v, i, operand) & 0xFFFF;
  }

  private void check(Insn i, int port, int size, long linear) {
    long state = core.state;
    boolean needsBitmap =
        State.protectedMode(state) && (core.cpl() > core.iopl() || State.virtual8086(state));
    if (needsBitmap && !tss.permits(port, size)) {
      throw core.v.protection();
    }
    if (core.v.intercepts.ports) {
      core.v.virtualization.port(i, port, size, linear);
    }
  }

  /** {@return the linear address of a string operand, unchecked: what an exit tells} */
  private long unchecked(int segment, long offset) {
    return core.v.intercepts.ports ? State.base(core.state, segment) + offset : 0;
  }

  private int in(Insn i, int port, int size, long linear) {
    check(i, port, size, linear);
    return read(port, size);
  }

  private int read(int port, int size) {
    int value = core.v.memory.in(core.v, port, size);
    debug.port(port, size);
    return value;
  }

  private void out(Insn i, int port, int size, long linear, int value) {
    check(i, port, size, linear);
    write(port, size, value);
  }

  private void write(int port, int size, int value) {
    core.v.memory.out(core.v, port, size, value);
    debug.port(port, size);
  }

  /**
   * Repeats until rCX, the budget or a request for attention ends it; each iteration counts as an
   * instruction and is a boundary.
   */
  private void repeat(Insn i, int size, boolean input) {
    long state = core.state;
    if (!i.isRepeated()) {
      once(i, size, input);
      return;
    }
    int width = i.addressSize;
    long count = State.gpr(state, RCX, width);
    long most = (core.get(State.STEP) != 0) ? 1 : Math.max(1, State.remaining(state));
    long done = 0;
    while (count != 0) {
      try {
        once(i, size, input);
      } catch (nestor.vcpu.GuestFault fault) {
        count(done);
        throw fault;
      }
      count--;
      State.setGpr(state, RCX, width, count);
      done++;
      if (count != 0 && (done >= most || core.get(State.ATTENTION) != 0)) {
        core.set(State.NEXT_RIP, core.get(State.RIP));
        if (core.get(State.STEP) != 0) {
          core.set(State.FALL_THROUGH, core.get(State.RIP)); // no branch
        }
        break;
      }
    }
    count(done - 1);
  }

  private void count(long more) {
    if (more > 0) {
      State.retireMore(core.state, more);
    }
  }

  private void once(Insn i, int size, boolean input) {
    Vcpu v = core.v;
    long state = core.state;
    int port = (int) State.gpr(state, RDX, 2);
    int width = i.addressSize;
    long step = EffectiveAddress.step(state, size);
    if (input) {
      long offset = State.gpr(state, RDI, width);
      check(i, port, size, unchecked(Segment.ES, offset));
      // The device must not be read for nothing, so the store is checked before.
      long linear = EffectiveAddress.linear(v, Segment.ES, offset, size, true);
      v.mmu.checkWrite(linear, size);
      GuestMemory.store(v, linear, size, read(port, size) & 0xFFFF_FFFFL);
      State.setGpr(state, RDI, width, offset + step);
    } else {
      long offset = State.gpr(state, RSI, width);
      check(i, port, size, unchecked(i.segment, offset));
      long linear = EffectiveAddress.linear(v, i.segment, offset, size, false);
      write(port, size, (int) GuestMemory.load(v, linear, size));
      State.setGpr(state, RSI, width, offset + step);
    }
  }
}
