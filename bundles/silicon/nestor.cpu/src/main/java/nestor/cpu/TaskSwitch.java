// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** Hardware task switches (SDM vol. 3A, "Task Switching"), for 16- and 32-bit TSSs. */
final class TaskSwitch {
  private static final int LINK = 0;
  private static final int DEBUG_TRAP_BIT = 0x64;
  private static final int BT = 1 << 15;
  private static final int LOCAL_BREAKPOINTS = 0x155;

  static final int BY_CALL = 0;
  static final int BY_RETURN = 1;
  static final int BY_JUMP = 2;
  static final int BY_GATE = 3;

  /** Why a task is left. */
  enum Cause {
    JUMP,
    CALL,
    RETURN
  }

  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;

  TaskSwitch(Core core, Selectors selectors, SegmentLoads loads) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
  }

  /** JMP, CALL or an event names a TSS, directly or through a task gate. */
  void through(int selector, int source, int errorCode, long returnRip) {
    if (Selectors.isNull(selector) || (selector & 4) != 0) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    long d = selectors.read(selector);
    if (!Descriptor.isAvailableTss(Descriptor.systemType(d))) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    ask(selector, source, errorCode);
    Cause cause = source == BY_JUMP ? Cause.JUMP : Cause.CALL;
    perform(selector, d, cause, returnRip, Flags.read(core.state));
  }

  /** A hypervisor may want to do it itself. */
  private void ask(int selector, int source, int errorCode) {
    if (core.v.intercepts.taskSwitch) {
      core.v.virtualization.taskSwitch(selector, source, errorCode);
    }
  }

  /** IRET with NT set: back to the task named by the link. */
  void backToCaller() {
    int selector = (int) loadOld(LINK, 2);
    if (Selectors.isNull(selector) || (selector & 4) != 0) {
      throw core.selectorFault(GuestFault.TS, selector);
    }
    long d = selectors.read(selector, GuestFault.TS);
    int type = Descriptor.systemType(d);
    if (type != Descriptor.TSS_BUSY && type != Descriptor.TSS16_BUSY) {
      throw core.selectorFault(GuestFault.TS, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    ask(selector, BY_RETURN, -1);
    perform(
        selector, d, Cause.RETURN, core.get(State.NEXT_RIP), Flags.read(core.state) & ~Flags.NT);
  }

  private long loadOld(int offset, int size) {
    return core.v.mmu.loadSystem(State.base(core.state, Segment.TR) + offset & 0xFFFF_FFFFL, size);
  }

  void perform(int selector, long d, Cause cause, long returnRip, long savedFlags) {
    long state = core.state;
    boolean is32 = (Descriptor.type(d) & 8) != 0;
    if (Descriptor.limit(d) < (is32 ? 0x67 : 0x2B)) {
      throw core.selectorFault(GuestFault.TS, selector);
    }
    int oldSelector = State.selector(state, Segment.TR);
    boolean old32 = (State.attributes(state, Segment.TR) & 8) != 0;
    TssImage image = new TssImage(core);
    // Everything that may page-fault in the new TSS is read before anything is written.
    image.read(Descriptor.base(d), is32);
    image.save(State.base(state, Segment.TR), old32, returnRip, savedFlags);
    if (cause != Cause.CALL) {
      selectors.setBusy(oldSelector, false);
    }
    long flags = image.flags;
    if (cause == Cause.CALL) {
      core.v.mmu.storeSystem(Descriptor.base(d), 2, oldSelector);
      flags |= Flags.NT;
    }
    if (cause != Cause.RETURN) {
      selectors.setBusy(selector, true);
    }
    core.set(State.CR0, core.get(State.CR0) | ControlRegisters.TS);
    State.setSegment(
        state,
        Segment.TR,
        selector,
        Descriptor.base(d),
        Descriptor.limit(d),
        Descriptor.attributes(d) | 2);
    load(image, flags, is32);
  }

  private void load(TssImage image, long flags, boolean is32) {
    long state = core.state;
    if (is32 && (core.get(State.CR0) & ControlRegisters.PG) != 0) {
      core.set(State.CR3, image.cr3);
      boolean pae = (core.get(State.CR4) & ControlRegisters.PAE) != 0;
      boolean good = !pae || core.v.mmu.loadPdptes();
      core.v.mmu.addressSpaceChanged(false);
      if (!good) {
        throw core.protection();
      }
    }
    for (int n = 0; n < 8; n++) {
      State.setGpr(state, n, is32 ? 4 : 2, image.registers[n]);
    }
    // From here on faults belong to the new task.
    core.set(State.RIP, image.ip);
    core.set(State.NEXT_RIP, image.ip);
    core.set(State.DR + 56, core.get(State.DR + 56) & ~LOCAL_BREAKPOINTS);
    Breakpoints.enabledChanged(core);
    core.trapSuppressed = true;
    boolean virtual = (flags & Flags.VM) != 0;
    for (int n = 0; n < 6; n++) {
      State.setSegment(state, n, image.segments[n], 0, 0, Segment.UNUSABLE);
    }
    State.setSegment(state, Segment.LDTR, image.ldt, 0, 0, Segment.UNUSABLE);
    core.set(State.CPL, virtual ? 3 : image.segments[Segment.CS] & 3);
    core.writeFlags(flags);
    core.resumeLoaded = true;
    loadLdt(image.ldt);
    if (virtual) {
      for (int n = 0; n < 6; n++) {
        loads.loadReal(n, image.segments[n]);
      }
      core.updateCodeSize();
    } else {
      loadSegments(image);
    }
    core.checkTarget(image.ip, false, State.limit(state, Segment.CS));
    if (is32 && (loadOld(DEBUG_TRAP_BIT, 1) & 1) != 0) {
      core.set(State.DEBUG_HITS, core.get(State.DEBUG_HITS) | BT);
      core.v.pend(State.PENDING_DEBUG);
    }
  }

  private void loadLdt(int selector) {
    if (Selectors.isNull(selector)) {
      return;
    }
    if ((selector & 4) != 0) {
      throw core.selectorFault(GuestFault.TS, selector);
    }
    long d = selectors.read(selector, GuestFault.TS);
    if (Descriptor.systemType(d) != Descriptor.LDT || !Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.TS, selector);
    }
    loads.set(Segment.LDTR, selector, d);
  }

  private void loadSegments(TssImage image) {
    int cs = image.segments[Segment.CS];
    int cpl = cs & 3;
    if (Selectors.isNull(cs)) {
      throw core.selectorFault(GuestFault.TS, cs);
    }
    long code = selectors.read(cs, GuestFault.TS);
    int dpl = Descriptor.dpl(code);
    if (!Descriptor.isCode(code) || (Descriptor.isConforming(code) ? dpl > cpl : dpl != cpl)) {
      throw core.selectorFault(GuestFault.TS, cs);
    }
    if (!Descriptor.present(code)) {
      throw core.selectorFault(GuestFault.NP, cs);
    }
    loads.setCode(cs, code, cpl);
    loads.loadStack(image.segments[Segment.SS], cpl, GuestFault.TS, false);
    for (int n : new int[] {Segment.ES, Segment.DS, Segment.FS, Segment.GS}) {
      int selector = image.segments[n];
      if (!Selectors.isNull(selector)) {
        long d = selectors.read(selector, GuestFault.TS);
        loads.checkData(selector, d, GuestFault.TS);
        loads.set(n, selector, selectors.access(selector, d));
      }
    }
  }
}
