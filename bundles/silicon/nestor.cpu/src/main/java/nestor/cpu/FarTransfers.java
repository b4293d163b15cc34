// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.EffectiveAddress;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** Far JMP, CALL and RET, IRET and the fast system calls (SDM vol. 2; vol. 3A, "Protection"). */
final class FarTransfers {
  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;
  private final CallGates gates;
  private final Returns returns;
  private final FastCalls fastCalls;
  private final TaskSwitch tasks;

  FarTransfers(
      Core core, Selectors selectors, SegmentLoads loads, TaskState tss, TaskSwitch tasks) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
    this.tasks = tasks;
    gates = new CallGates(core, selectors, loads, tss);
    returns = new Returns(core, selectors, loads, tasks);
    fastCalls = new FastCalls(core);
  }

  void execute(Insn i) {
    switch (i.row.mnemonic) {
      case JMPF -> farTo(i, false);
      case CALLF -> farTo(i, true);
      case RETF -> returns.farReturn(i.operandSize, i.operandCount == 0 ? 0 : (int) i.imm & 0xFFFF);
      case IRET -> returns.interruptReturn(i.operandSize);
      case SYSCALL -> fastCalls.syscall();
      case SYSRET -> fastCalls.sysret(i.operandSize == 8);
      case SYSENTER -> fastCalls.sysenter();
      case SYSEXIT -> fastCalls.sysexit(i.operandSize == 8);
      default -> throw core.v.undefined();
    }
  }

  private void farTo(Insn i, boolean call) {
    int size = i.operandSize;
    long offset;
    int selector;
    if (i.kind[0] == OperandKind.FAR_POINTER) {
      offset = i.imm;
      selector = (int) i.imm2 & 0xFFFF;
    } else {
      // APM vol. 3, "CALL (Far)": there is no 64-bit offset in memory, but pushes are of 64 bits.
      int bytes = core.v.amd && size == 8 ? 4 : size;
      long linear = EffectiveAddress.linear(core.v, i, bytes + 2, false);
      offset = GuestMemory.load(core.v, linear, bytes);
      selector = (int) GuestMemory.load(core.v, linear + bytes, 2);
    }
    if (State.realOrVirtual8086(core.state)) {
      real(selector, offset, size, call);
    } else {
      protectedMode(selector, offset, size, call);
    }
  }

  private void real(int selector, long offset, int size, boolean call) {
    long target = core.checkTarget(offset, false, State.limit(core.state, Segment.CS));
    if (call) {
      pushReturn(size);
    }
    loads.setCodeReal(selector);
    core.set(State.NEXT_RIP, target);
  }

  private void pushReturn(int size) {
    Frame frame = new Frame(core).current();
    frame.push(size, State.selector(core.state, Segment.CS));
    frame.push(size, core.get(State.NEXT_RIP));
    State.setGpr(core.state, 4, frame.sp());
  }

  private void protectedMode(int selector, long offset, int size, boolean call) {
    if (Selectors.isNull(selector)) {
      throw core.protection();
    }
    long d = selectors.read(selector);
    if (Descriptor.isCode(d)) {
      int cpl = core.cpl();
      loads.checkDirectCode(selector, d, cpl);
      long target = core.checkTarget(offset, loads.is64(d), Descriptor.limit(d));
      d = selectors.access(selector, d);
      if (call) {
        pushReturn(size);
      }
      loads.setCode(selector, d, cpl);
      core.set(State.NEXT_RIP, target);
      return;
    }
    switch (Descriptor.systemType(d)) {
      case Descriptor.CALL_GATE, Descriptor.CALL_GATE16 -> gates.enter(selector, d, call);
      case Descriptor.TASK_GATE -> {
        checkGate(selector, d);
        tasks.through(
            Descriptor.gateSelector(d),
            call ? TaskSwitch.BY_CALL : TaskSwitch.BY_JUMP,
            -1,
            core.get(State.NEXT_RIP));
      }
      case Descriptor.TSS, Descriptor.TSS16 -> {
        checkGate(selector, d);
        tasks.through(
            selector, call ? TaskSwitch.BY_CALL : TaskSwitch.BY_JUMP, -1, core.get(State.NEXT_RIP));
      }
      default -> throw core.selectorFault(GuestFault.GP, selector);
    }
  }

  private void checkGate(int selector, long d) {
    int dpl = Descriptor.dpl(d);
    if (State.longMode(core.state) || dpl < core.cpl() || dpl < (selector & 3)) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
  }
}
