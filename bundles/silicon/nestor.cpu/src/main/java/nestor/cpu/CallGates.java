// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * JMP and CALL through call gates (SDM vol. 3A, "Accessing a Code Segment Through a Call Gate").
 */
final class CallGates {
  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;
  private final TaskState tss;

  CallGates(Core core, Selectors selectors, SegmentLoads loads, TaskState tss) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
    this.tss = tss;
  }

  void enter(int gateSelector, long gate, boolean call) {
    boolean longMode = State.longMode(core.state);
    int cpl = core.cpl();
    int gateDpl = Descriptor.dpl(gate);
    if (longMode && Descriptor.type(gate) != Descriptor.CALL_GATE) {
      throw core.selectorFault(GuestFault.GP, gateSelector);
    }
    if (gateDpl < cpl || gateDpl < (gateSelector & 3)) {
      throw core.selectorFault(GuestFault.GP, gateSelector);
    }
    long offset = Descriptor.gateOffset(gate);
    if (longMode) {
      long upper = selectors.readUpper(gateSelector, GuestFault.GP);
      if ((upper >>> 40 & 0x1F) != 0) {
        throw core.selectorFault(GuestFault.GP, gateSelector);
      }
      offset |= upper << 32;
    }
    if (!Descriptor.present(gate)) {
      throw core.selectorFault(GuestFault.NP, gateSelector);
    }
    int selector = Descriptor.gateSelector(gate);
    if (Selectors.isNull(selector)) {
      throw core.protection();
    }
    long d = selectors.read(selector);
    int dpl = Descriptor.dpl(d);
    boolean outer = !call && !Descriptor.isConforming(d) && dpl != cpl;
    if (!Descriptor.isCode(d)
        || dpl > cpl
        || outer
        || longMode && (!Descriptor.isLong(d) || Descriptor.isBig(d))) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    int size = longMode ? 8 : Descriptor.type(gate) == Descriptor.CALL_GATE ? 4 : 2;
    if (size == 2) {
      offset &= 0xFFFF;
    }
    d = selectors.access(selector, d);
    if (call && !Descriptor.isConforming(d) && dpl < cpl) {
      if (longMode) {
        inner64(selector, d, dpl, offset);
      } else {
        inner(selector, d, dpl, offset, size, (int) (gate >>> 32) & 31);
      }
    } else {
      same(selector, d, offset, size, call);
    }
  }

  private void same(int selector, long d, long offset, int size, boolean call) {
    long target = core.checkTarget(offset, loads.is64(d), Descriptor.limit(d));
    if (call) {
      // A 64-bit gate leads to 64-bit mode, so its frame lies on a 64-bit stack.
      boolean wide = size == 8;
      long rsp = State.gpr(core.state, 4);
      Frame frame = wide ? new Frame(core).on64(rsp) : new Frame(core).current();
      frame.push(size, State.selector(core.state, Segment.CS));
      frame.push(size, core.get(State.NEXT_RIP));
      State.setGpr(core.state, 4, frame.sp());
    }
    loads.setCode(selector, d, core.cpl());
    core.set(State.NEXT_RIP, target);
  }

  private void inner(int selector, long d, int dpl, long offset, int size, int parameters) {
    long state = core.state;
    long esp = tss.stack(dpl);
    int ss = tss.ss;
    long stack = loads.checkStack(ss, dpl, GuestFault.TS, false);
    long target = core.checkTarget(offset, false, Descriptor.limit(d));
    long[] copied = new long[parameters];
    Frame old = new Frame(core).current();
    for (int n = 0; n < parameters; n++) {
      copied[n] = old.pop(size);
    }
    Frame frame = new Frame(core).on(ss, stack, esp);
    int cpl = core.cpl();
    core.setCpl(dpl);
    try {
      stack = selectors.access(ss, stack);
      frame.push(size, State.selector(state, Segment.SS));
      frame.push(size, State.gpr(state, 4, Math.max(size, 2)));
      for (int n = parameters - 1; n >= 0; n--) {
        frame.push(size, copied[n]);
      }
      frame.push(size, State.selector(state, Segment.CS));
      frame.push(size, core.get(State.NEXT_RIP));
    } catch (GuestFault fault) {
      core.setCpl(cpl);
      throw fault;
    }
    loads.setCode(selector, d, dpl);
    loads.setStack(ss, stack, dpl);
    State.setGpr(state, 4, frame.sp());
    core.set(State.NEXT_RIP, target);
  }

  private void inner64(int selector, long d, int dpl, long offset) {
    long state = core.state;
    long target = core.checkTarget(offset, true, 0);
    Frame frame = new Frame(core).on64(tss.stack64(dpl));
    int cpl = core.cpl();
    core.setCpl(dpl);
    try {
      frame.push(8, State.selector(state, Segment.SS));
      frame.push(8, State.gpr(state, 4));
      frame.push(8, State.selector(state, Segment.CS));
      frame.push(8, core.get(State.NEXT_RIP));
    } catch (GuestFault fault) {
      core.setCpl(cpl);
      throw fault;
    }
    loads.setCode(selector, d, dpl);
    loads.setNullStack(dpl, dpl);
    State.setGpr(state, 4, frame.sp());
    core.set(State.NEXT_RIP, target);
  }
}
