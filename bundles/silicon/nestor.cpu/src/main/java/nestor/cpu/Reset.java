// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Processor state after RESET, INIT and SIPI (SDM vol. 3A, "Processor State After Reset"). */
final class Reset {
  private static final int CODE = 0x9B;
  private static final int LDT = 0x82;
  private static final int BUSY_TSS = 0x8B;
  private static final long CR0_AFTER_RESET = 0x6000_0010L;

  private final Core core;
  private final Msrs msrs;
  private final DebugUnit debug;

  Reset(Core core, Msrs msrs, DebugUnit debug) {
    this.core = core;
    this.msrs = msrs;
    this.debug = debug;
  }

  void powerOn() {
    long state = core.state;
    Vcpu v = core.v;
    if (v.virtualization != null) {
      v.virtualization.reset(false);
    }
    for (int field = 0; field < State.BYTES; field += 8) {
      if (!isWiring(field)) {
        Mem.putLong(state + field, 0);
      }
    }
    core.set(State.XCR0, 1);
    core.set(State.FCW, 0x40);
    core.set(State.FTW, 0xFF);
    core.set(State.MXCSR, 0x1F80);
    core.set(Core.RANDOM, core.model.seed() ^ v.index * 0x9E37_79B9_7F4A_7C15L);
    msrs.reset();
    if (v.apic != null) {
      v.apic.reset(false);
    }
    core.set(State.CR0, CR0_AFTER_RESET);
    common();
  }

  /** Fields that belong to the engine and the machine, not to the architecture. */
  private static boolean isWiring(int field) {
    return field == State.FAST_TABLE
        || field == State.CONTEXT
        || field == State.BUDGET
        || field == State.POSITION
        || field == State.BLOCK_RIP
        || field >= State.ENGINE;
  }

  /** INIT: x87, vector state, most MSRs and the cache bits of CR0 stay. */
  void init() {
    long cache = core.get(State.CR0) & 0x6000_0000L;
    if (core.v.virtualization != null) {
      core.v.virtualization.reset(true);
    }
    if (core.v.apic != null) {
      core.v.apic.reset(true);
    }
    core.set(State.CR0, cache | 0x10);
    core.set(Core.FLAGS, 0);
    common();
    core.v.attention(State.ATTENTION_EVENT | State.ATTENTION_RECHECK);
  }

  private void common() {
    long state = core.state;
    Vcpu v = core.v;
    for (int n = 0; n < 16; n++) {
      State.setGpr(state, n, 0);
    }
    State.setGpr(state, 2, core.model.signature());
    Flags.write(state, 2);
    for (int n = Segment.ES; n <= Segment.GS; n++) {
      State.setSegment(state, n, 0, 0, 0xFFFF, SegmentLoads.DATA);
    }
    State.setSegment(state, Segment.CS, 0xF000, 0xFFFF_0000L, 0xFFFF, CODE);
    State.setSegment(state, Segment.LDTR, 0, 0, 0xFFFF, LDT);
    State.setSegment(state, Segment.TR, 0, 0, 0xFFFF, BUSY_TSS);
    core.set(State.GDTR, 0);
    core.set(State.GDTR + 8, 0xFFFF);
    core.set(State.IDTR, 0);
    core.set(State.IDTR + 8, 0xFFFF);
    core.set(State.RIP, 0xFFF0);
    core.set(State.NEXT_RIP, 0xFFF0);
    core.set(State.CR2, 0);
    core.set(State.CR3, 0);
    core.set(State.CR4, 0);
    core.set(State.EFER, 0);
    core.set(State.CPL, 0);
    core.set(State.CODE_SIZE, 16);
    core.set(State.CANONICAL_SHIFT, 16);
    core.set(State.STEP, 0);
    core.set(State.DEBUG_HITS, 0);
    core.set(State.PENDING, core.get(State.PENDING) & State.PENDING_SIPI);
    debug.reset();
    v.flagsWritten(2);
    v.mmu.modeChanged();
    v.mmu.flushAll();
    core.set(State.ACTIVITY, v.index == 0 ? State.ACTIVE : State.WAIT_FOR_SIPI);
    if (v.index != 0) {
      v.attention(State.ATTENTION_EVENT);
    }
  }

  /** Start-up IPI: real mode at page {@code vector}. */
  void start(int vector) {
    State.setSegment(core.state, Segment.CS, vector << 8, (long) vector << 12, 0xFFFF, CODE);
    core.set(State.RIP, 0);
    core.set(State.NEXT_RIP, 0);
    core.set(State.ACTIVITY, State.ACTIVE);
  }
}
