// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * Delivers one exception or interrupt through the IVT or IDT (SDM vol. 3A, "Exception- and
 * Interrupt-Handler Procedures" and "64-Bit Mode Stack Frame"; vol. 2, "INT n/INTO/INT3/INT1").
 * Everything is checked and pushed before registers change, so a fault finds the old state.
 */
final class Delivery {
  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;
  private final TaskState tss;
  private final TaskSwitch tasks;

  /** Where the last delivery went. */
  long target;

  Delivery(Core core, Selectors selectors, SegmentLoads loads, TaskState tss, TaskSwitch tasks) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
    this.tss = tss;
    this.tasks = tasks;
  }

  /**
   * Delivers a vector; {@link #target} is then the handler's address.
   *
   * @param software INT n, INT3 or INTO: the gate's DPL counts
   * @param errorCode to push, or -1
   * @param returnRip what goes on the stack
   * @param flags the RFLAGS image that goes on the stack
   */
  void deliver(int vector, boolean software, int errorCode, long returnRip, long flags) {
    if (!State.protectedMode(core.state)) {
      real(vector, returnRip, flags);
      return;
    }
    boolean longMode = State.longMode(core.state);
    int idtError = vector * 8 + 2 | core.ext;
    int bytes = longMode ? 16 : 8;
    if (vector * bytes + bytes - 1 > core.get(State.IDTR + 8)) {
      throw core.v.fault(GuestFault.GP, idtError);
    }
    long linear = core.get(State.IDTR) + (long) vector * bytes;
    if (!longMode) {
      linear &= 0xFFFF_FFFFL;
    }
    long gate = core.v.mmu.loadSystem(linear, 8);
    int type = Descriptor.systemType(gate);
    boolean known =
        type == Descriptor.INTERRUPT_GATE
            || type == Descriptor.TRAP_GATE
            || !longMode && type >= Descriptor.TASK_GATE && type <= Descriptor.TRAP_GATE16;
    if (!known || software && Descriptor.dpl(gate) < core.cpl()) {
      throw core.v.fault(GuestFault.GP, idtError);
    }
    if (!Descriptor.present(gate)) {
      throw core.v.fault(GuestFault.NP, idtError);
    }
    if (type == Descriptor.TASK_GATE) {
      task(Descriptor.gateSelector(gate), errorCode, returnRip, flags);
      return;
    }
    long offset = Descriptor.gateOffset(gate);
    if (longMode) {
      offset |= core.v.mmu.loadSystem(linear + 8, 8) << 32;
    }
    procedure(gate, offset, errorCode, returnRip, flags);
  }

  private void real(int vector, long returnRip, long flags) {
    if (vector * 4 + 3 > core.get(State.IDTR + 8)) {
      throw core.v.fault(GuestFault.GP, vector * 8 + 2 | core.ext);
    }
    long entry = GuestMemory.load32(core.v, core.get(State.IDTR) + vector * 4L) & 0xFFFF_FFFFL;
    Frame frame = new Frame(core).current();
    frame.push(2, flags);
    frame.push(2, State.selector(core.state, Segment.CS));
    frame.push(2, returnRip);
    State.setGpr(core.state, 4, frame.sp());
    loads.setCodeReal((int) (entry >>> 16));
    target = entry & 0xFFFF;
    core.writeFlags(Flags.read(core.state) & ~(Flags.IF | Flags.TF | Flags.AC | Flags.RF));
  }

  /**
   * INT n of a virtual-8086 task to a handler of its own. Below IOPL 3 the task sees its virtual
   * interrupt flag as IF.
   */
  void redirected(int vector, long returnRip) {
    boolean virtual = core.iopl() < 3;
    long flags = Flags.read(core.state) & ~Flags.RF;
    long image = flags;
    if (virtual) {
      image = flags & ~Flags.IF | Flags.IOPL | ((flags & Flags.VIF) != 0 ? Flags.IF : 0);
    }
    long entry = core.v.mmu.loadSystem(vector * 4L, 4);
    Frame frame = new Frame(core).current();
    frame.push(2, image);
    frame.push(2, State.selector(core.state, Segment.CS));
    frame.push(2, returnRip);
    State.setGpr(core.state, 4, frame.sp());
    loads.setCodeReal((int) (entry >>> 16));
    target = entry & 0xFFFF;
    core.writeFlags(flags & ~(Flags.TF | (virtual ? Flags.VIF : Flags.IF)));
  }

  private void task(int selector, int errorCode, long returnRip, long flags) {
    Flags.write(core.state, flags); // so that the old TSS takes the image with its RF
    tasks.through(selector, TaskSwitch.BY_GATE, errorCode, returnRip);
    if (errorCode >= 0) {
      Frame frame = new Frame(core).current();
      frame.push(tss.is32() ? 4 : 2, errorCode);
      State.setGpr(core.state, 4, frame.sp());
    }
    target = core.get(State.NEXT_RIP);
  }

  private void procedure(long gate, long offset, int errorCode, long returnRip, long flags) {
    int selector = Descriptor.gateSelector(gate);
    if (Selectors.isNull(selector)) {
      throw core.protection();
    }
    long d = selectors.read(selector);
    int dpl = Descriptor.dpl(d);
    int cpl = core.cpl();
    boolean longMode = State.longMode(core.state);
    if (!Descriptor.isCode(d)
        || dpl > cpl
        || longMode && (!Descriptor.isLong(d) || Descriptor.isBig(d))) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    boolean inner = !Descriptor.isConforming(d) && dpl < cpl;
    boolean virtual = (core.get(State.RFLAGS) & Flags.VM) != 0;
    if (virtual && (!inner || dpl != 0)) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    int newCpl = inner ? dpl : cpl;
    d = selectors.access(selector, d);
    if (longMode) {
      frame64(gate, selector, d, offset, newCpl, errorCode, returnRip, flags);
    } else {
      int size = (Descriptor.type(gate) & 8) != 0 ? 4 : 2;
      long to = size == 4 ? offset : offset & 0xFFFF;
      if (inner) {
        inner(size, selector, d, to, newCpl, errorCode, returnRip, flags);
      } else {
        same(size, selector, d, to, errorCode, returnRip, flags);
      }
    }
    long cleared = Flags.TF | Flags.NT | Flags.RF | Flags.VM;
    if ((Descriptor.type(gate) & 1) == 0) {
      cleared |= Flags.IF;
    }
    core.writeFlags(Flags.read(core.state) & ~cleared);
  }

  private void frame64(
      long gate,
      int selector,
      long d,
      long offset,
      int newCpl,
      int errorCode,
      long returnRip,
      long flags) {
    long state = core.state;
    int cpl = core.cpl();
    int ist = (int) (gate >>> 32) & 7;
    long sp;
    if (ist != 0) {
      sp = tss.interruptStack(ist);
    } else {
      sp = newCpl < cpl ? tss.stack64(newCpl) : State.gpr(state, 4);
    }
    if (!State.isCanonical(state, sp)) {
      throw core.v.fault(GuestFault.SS, core.ext);
    }
    core.checkTarget(offset, true, 0);
    Frame frame = new Frame(core).on64(sp & ~15);
    changeCpl(cpl, newCpl);
    try {
      frame.push(8, State.selector(state, Segment.SS));
      frame.push(8, State.gpr(state, 4));
      frame.push(8, flags);
      frame.push(8, State.selector(state, Segment.CS));
      frame.push(8, returnRip);
      if (errorCode >= 0) {
        frame.push(8, errorCode);
      }
    } catch (GuestFault fault) {
      changeCpl(newCpl, cpl);
      throw fault;
    }
    if (newCpl < cpl) {
      loads.setNullStack(newCpl, newCpl);
    }
    loads.setCode(selector, d, newCpl);
    State.setGpr(state, 4, frame.sp());
    target = offset;
  }

  private void changeCpl(int from, int to) {
    if (from != to) {
      core.setCpl(to);
    }
  }

  private void same(
      int size, int selector, long d, long to, int errorCode, long returnRip, long flags) {
    core.checkTarget(to, false, Descriptor.limit(d));
    Frame frame = new Frame(core).current();
    frame.push(size, flags);
    frame.push(size, State.selector(core.state, Segment.CS));
    frame.push(size, returnRip);
    if (errorCode >= 0) {
      frame.push(size, errorCode);
    }
    loads.setCode(selector, d, core.cpl());
    State.setGpr(core.state, 4, frame.sp());
    target = to;
  }

  private void inner(
      int size,
      int selector,
      long d,
      long to,
      int newCpl,
      int errorCode,
      long returnRip,
      long flags) {
    long state = core.state;
    int cpl = core.cpl();
    boolean virtual = (core.get(State.RFLAGS) & Flags.VM) != 0;
    long esp = tss.stack(newCpl);
    int ss = tss.ss;
    long stack = loads.checkStack(ss, newCpl, GuestFault.TS, false);
    core.checkTarget(to, false, Descriptor.limit(d));
    Frame frame = new Frame(core).on(ss, stack, esp);
    core.setCpl(newCpl);
    try {
      stack = selectors.access(ss, stack);
      if (virtual) {
        frame.push(size, State.selector(state, Segment.GS));
        frame.push(size, State.selector(state, Segment.FS));
        frame.push(size, State.selector(state, Segment.DS));
        frame.push(size, State.selector(state, Segment.ES));
      }
      frame.push(size, State.selector(state, Segment.SS));
      frame.push(size, State.gpr(state, 4, size));
      frame.push(size, flags);
      frame.push(size, State.selector(state, Segment.CS));
      frame.push(size, returnRip);
      if (errorCode >= 0) {
        frame.push(size, errorCode);
      }
    } catch (GuestFault fault) {
      core.setCpl(cpl);
      throw fault;
    }
    core.set(State.RFLAGS, core.get(State.RFLAGS) & ~Flags.VM);
    loads.setCode(selector, d, newCpl);
    loads.setStack(ss, stack, newCpl);
    if (virtual) {
      for (int n : new int[] {Segment.GS, Segment.FS, Segment.DS, Segment.ES}) {
        loads.setNull(n, 0);
      }
    }
    State.setGpr(state, 4, frame.sp());
    target = to;
  }
}
