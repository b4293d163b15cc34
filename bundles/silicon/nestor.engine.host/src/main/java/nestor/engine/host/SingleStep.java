// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Runs one instruction with everything that stepping, shadows and code outside RAM need. */
final class SingleStep {
  private static final int PAGE = 4096;

  private final Vcpu v;
  private final Decoder decoder;
  private final byte[] bytes = new byte[2 * Decoder.MAX_LENGTH];
  private final Insn insn = new Insn();

  SingleStep(Vcpu v) {
    this.v = v;
    decoder = new Decoder(v.amd);
  }

  /**
   * Runs the first instruction of a block, which has been fetched and decoded: for shadows and RF
   * alone, which no breakpoint goes before.
   */
  void run(long s, Insn i, long next) {
    long before = State.get(s, State.STEP);
    v.system.beforeStep();
    finish(s, i, next, before);
  }

  void run(long s) {
    long before = State.get(s, State.STEP);
    v.system.beforeStep();
    long rip = State.get(s, State.RIP);
    boolean mode64 = State.mode64(s);
    if (mode64 ? !State.isCanonical(s, rip) : rip > State.limit(s, Segment.CS)) {
      throw v.protection();
    }
    DecodeResult result = decode();
    if (result == DecodeResult.TOO_LONG
        || !mode64 && rip + insn.length - 1 > State.limit(s, Segment.CS)) {
      throw v.protection();
    }
    if (result != DecodeResult.OK || !v.offered[insn.row.index]) {
      throw v.undefined();
    }
    long next = mode64 ? rip + insn.length : rip + insn.length & 0xFFFF_FFFFL;
    finish(s, insn, next, before);
  }

  private void finish(long s, Insn i, long next, long before) {
    State.set(s, State.NEXT_RIP, next);
    State.set(s, State.FALL_THROUGH, next);
    Semantics.execute(v, i);
    State.set(s, State.RIP, State.get(s, State.NEXT_RIP));
    State.set(s, State.BUDGET, State.get(s, State.BUDGET) - 1);
    State.set(s, State.POSITION, 0);
    Flags.materialize(s);
    v.system.afterStep(before);
  }

  /** {@return where an instruction goes on behind a page, cut to 32 bits outside 64-bit mode} */
  static long goOn(Vcpu v, long linear) {
    if (!State.mode64(v.state)) {
      return linear & 0xFFFF_FFFFL;
    }
    if (!State.isCanonical(v.state, linear)) {
      throw v.protection();
    }
    return linear;
  }

  private DecodeResult decode() {
    long linear = v.linearRip();
    int mode = CodeMode.of(v);
    int codeSize = CodeMode.codeSize(mode);
    boolean vex = CodeMode.hasVex(mode);
    long gpa = v.mmu.fetch(linear);
    int room = (int) Math.min(Decoder.MAX_LENGTH, PAGE - (gpa & (PAGE - 1)));
    fetch(gpa, 0, room);
    DecodeResult result = decoder.decode(bytes, 0, room, codeSize, vex, insn);
    if (result == DecodeResult.NEED_MORE) {
      long second = v.mmu.fetch(goOn(v, linear + room));
      fetch(second, room, Decoder.MAX_LENGTH - room);
      result = decoder.decode(bytes, 0, Decoder.MAX_LENGTH, codeSize, vex, insn);
    }
    return result;
  }

  private void fetch(long gpa, int offset, int count) {
    PhysicalMemory memory = v.memory;
    if (memory.isRam(gpa)) {
      Mem.copyOut(memory.ramBase() + gpa, bytes, offset, count);
    } else {
      for (int n = 0; n < count; n++) {
        bytes[offset + n] = (byte) memory.load(v, gpa + n, 1);
      }
    }
  }
}
