// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** RETF and IRET in every direction (SDM vol. 2, "RET" and "IRET/IRETD/IRETQ"). */
final class Returns {
  private static final int ALWAYS = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT;

  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;
  private final TaskSwitch tasks;

  Returns(Core core, Selectors selectors, SegmentLoads loads, TaskSwitch tasks) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
    this.tasks = tasks;
  }

  void farReturn(int size, int release) {
    Frame frame = new Frame(core).current();
    long offset = frame.pop(size);
    int selector = (int) frame.pop(size) & 0xFFFF;
    if (State.realOrVirtual8086(core.state)) {
      core.checkTarget(offset, false, State.limit(core.state, Segment.CS));
      frame.skip(release);
      State.setGpr(core.state, 4, frame.sp());
      loads.setCodeReal(selector);
      core.set(State.NEXT_RIP, offset);
      return;
    }
    long d = checkCode(selector);
    int rpl = selector & 3;
    if (rpl == core.cpl()) {
      core.checkTarget(offset, loads.is64(d), Descriptor.limit(d));
      frame.skip(release);
      loads.setCode(selector, d, rpl);
      State.setGpr(core.state, 4, frame.sp());
    } else {
      frame.skip(release);
      long sp = frame.pop(size);
      int ss = (int) frame.pop(size) & 0xFFFF;
      long stack = loads.checkStack(ss, rpl, GuestFault.GP, loads.is64(d));
      core.checkTarget(offset, loads.is64(d), Descriptor.limit(d));
      outward(selector, d, ss, stack, sp + release);
    }
    core.set(State.NEXT_RIP, offset);
  }

  private void outward(int selector, long d, int ss, long stack, long sp) {
    int rpl = selector & 3;
    boolean outer = rpl > core.cpl();
    d = selectors.access(selector, d);
    if (stack != 0) {
      stack = selectors.access(ss, stack);
    }
    loads.setCode(selector, d, rpl);
    loads.setStack(ss, stack, rpl);
    setSp(sp);
    if (outer) {
      loads.dropInnerSegments(rpl);
    }
  }

  /** Sets as much of RSP as the new stack has. */
  private void setSp(long sp) {
    long state = core.state;
    if (State.mode64(state)) {
      State.setGpr(state, 4, sp);
    } else if ((State.attributes(state, Segment.SS) & Segment.BIG) != 0) {
      State.setGpr(state, 4, 4, sp);
    } else {
      State.setGpr(state, 4, 2, sp);
    }
  }

  /** {@return the descriptor of the code to return to} */
  private long checkCode(int selector) {
    if (Selectors.isNull(selector)) {
      throw core.protection();
    }
    long d = selectors.read(selector);
    int rpl = selector & 3;
    int dpl = Descriptor.dpl(d);
    boolean allowed =
        rpl >= core.cpl()
            && Descriptor.isCode(d)
            && (Descriptor.isConforming(d) ? dpl <= rpl : dpl == rpl);
    if (!allowed) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    loads.checkCodeSize(selector, d);
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    return d;
  }

  void interruptReturn(int size) {
    // Also an IRET that faults ends blocking by NMI (SDM vol. 3C, "Changes to NMI Blocking").
    if (!core.v.intercepts.guest || !core.v.virtualization.keepsNmiBlocked()) {
      core.setFlag(Core.NMI_BLOCKED, false);
    }
    long flags = Flags.read(core.state);
    if (State.realOrVirtual8086(core.state)) {
      toReal(size, flags);
      return;
    }
    if ((flags & Flags.NT) != 0) {
      if (State.longMode(core.state)) {
        throw core.protection();
      }
      tasks.backToCaller();
      return;
    }
    Frame frame = new Frame(core).current();
    long offset = frame.pop(size);
    int selector = (int) frame.pop(size) & 0xFFFF;
    long popped = frame.pop(size);
    int cpl = core.cpl();
    if ((popped & Flags.VM) != 0 && size == 4 && cpl == 0 && !State.longMode(core.state)) {
      toVirtual8086(frame, offset, selector, popped);
      return;
    }
    boolean mode64 = State.mode64(core.state);
    long d = checkCode(selector);
    long limit = Descriptor.limit(d);
    if (mode64 || (selector & 3) > cpl) {
      long sp = frame.pop(size);
      int ss = (int) frame.pop(size) & 0xFFFF;
      long stack = loads.checkStack(ss, selector & 3, GuestFault.GP, loads.is64(d));
      core.checkTarget(offset, loads.is64(d), limit);
      outward(selector, d, ss, stack, sp);
    } else {
      core.checkTarget(offset, loads.is64(d), limit);
      loads.setCode(selector, d, cpl);
      State.setGpr(core.state, 4, frame.sp());
    }
    long mask = writable(size, cpl, (int) (flags & Flags.IOPL) >> 12);
    core.set(State.NEXT_RIP, offset);
    writeReturned(flags & ~Flags.RF & ~mask | popped & mask);
  }

  private void writeReturned(long flags) {
    core.writeFlags(flags);
    core.resumeLoaded = true;
  }

  private static long writable(int size, int cpl, int iopl) {
    long mask = ALWAYS;
    if (size > 2) {
      mask |= Flags.RF | Flags.AC | Flags.ID;
    }
    if (cpl <= iopl) {
      mask |= Flags.IF;
    }
    if (cpl == 0) {
      mask |= Flags.IOPL;
      if (size > 2) {
        mask |= Flags.VIF | Flags.VIP;
      }
    }
    return mask;
  }

  private void toReal(int size, long flags) {
    boolean virtual = State.virtual8086(core.state);
    boolean extensions = virtual && core.iopl() < 3;
    if (extensions && ((core.get(State.CR4) & ControlRegisters.VME) == 0 || size != 2)) {
      throw core.protection();
    }
    Frame frame = new Frame(core).current();
    long offset = frame.pop(size);
    int selector = (int) frame.pop(size) & 0xFFFF;
    long popped = frame.pop(size);
    core.checkTarget(offset, false, State.limit(core.state, Segment.CS));
    long mask = ALWAYS | Flags.IF | Flags.IOPL;
    if (size == 4) {
      mask |= Flags.RF | Flags.AC | Flags.ID;
    }
    if (virtual) {
      mask &= ~Flags.IOPL;
    }
    if (extensions) {
      if ((popped & Flags.TF) != 0 || (popped & Flags.IF) != 0 && (flags & Flags.VIP) != 0) {
        throw core.protection();
      }
      mask = mask & ~Flags.IF | Flags.VIF;
      popped = popped & ~Flags.VIF | ((popped & Flags.IF) != 0 ? Flags.VIF : 0);
    }
    State.setGpr(core.state, 4, frame.sp());
    loads.setCodeReal(selector);
    core.set(State.NEXT_RIP, offset);
    writeReturned(flags & ~Flags.RF & ~mask | popped & mask);
  }

  private void toVirtual8086(Frame frame, long offset, int selector, long popped) {
    long esp = frame.pop(4);
    int ss = (int) frame.pop(4) & 0xFFFF;
    int es = (int) frame.pop(4) & 0xFFFF;
    int ds = (int) frame.pop(4) & 0xFFFF;
    int fs = (int) frame.pop(4) & 0xFFFF;
    int gs = (int) frame.pop(4) & 0xFFFF;
    core.checkTarget(offset, false, 0xFFFF);
    enterVirtual8086(popped, offset, esp);
    loads.loadReal(Segment.SS, ss);
    loads.loadReal(Segment.ES, es);
    loads.loadReal(Segment.DS, ds);
    loads.loadReal(Segment.FS, fs);
    loads.loadReal(Segment.GS, gs);
    loads.setCodeReal(selector);
  }

  private void enterVirtual8086(long flags, long offset, long esp) {
    core.set(State.CPL, 3);
    writeReturned(flags);
    State.setGpr(core.state, 4, 4, esp);
    core.set(State.NEXT_RIP, offset);
  }
}
