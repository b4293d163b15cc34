// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** SGDT, SIDT, LGDT, LIDT, SLDT, STR, LLDT and LTR (SDM vol. 2). */
final class DescriptorTables {
  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;
  private final Control control;

  DescriptorTables(Core core, Selectors selectors, SegmentLoads loads, Control control) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
    this.control = control;
  }

  void execute(Insn i) {
    Vcpu v = core.v;
    switch (i.row.mnemonic) {
      case SGDT -> store(i, State.GDTR);
      case SIDT -> store(i, State.IDTR);
      case LGDT -> load(i, State.GDTR);
      case LIDT -> load(i, State.IDTR);
      case SLDT -> {
        control.requireUmip();
        Operands.write(v, i, 0, State.selector(core.state, Segment.LDTR));
      }
      case STR -> {
        control.requireUmip();
        Operands.write(v, i, 0, State.selector(core.state, Segment.TR));
      }
      case LLDT -> loadLdt((int) Operands.read(v, i, 0) & 0xFFFF);
      case LTR -> loadTask((int) Operands.read(v, i, 0) & 0xFFFF);
      default -> throw v.undefined();
    }
  }

  /** With a 16-bit operand processors store all 32 bits of the base since the 386. */
  private void store(Insn i, int register) {
    control.requireUmip();
    int size = i.mode == 64 ? 8 : 4;
    long linear = EffectiveAddress.linear(core.v, i, 2 + size, true);
    core.v.mmu.checkWrite(linear, 2 + size);
    GuestMemory.store(core.v, linear, 2, core.get(register + 8));
    GuestMemory.store(core.v, linear + 2, size, core.get(register));
  }

  private void load(Insn i, int register) {
    int size = i.mode == 64 ? 8 : 4;
    long linear = EffectiveAddress.linear(core.v, i, 2 + size, false);
    long limit = GuestMemory.load(core.v, linear, 2);
    long base = GuestMemory.load(core.v, linear + 2, size);
    if (i.mode != 64 && i.operandSize == 2) {
      base &= 0xFF_FFFF;
    }
    if (i.mode == 64 && !core.isLoadable(base)) {
      throw core.v.protection();
    }
    core.set(register, base);
    core.set(register + 8, limit);
  }

  /** {@return the base of a system descriptor, of 16 bytes in IA-32e mode} */
  private long base(int selector, long d) {
    long base = Descriptor.base(d);
    if (State.longMode(core.state)) {
      long upper = selectors.readUpper(selector, GuestFault.GP);
      base |= upper << 32;
      if ((upper >>> 40 & 0x1F) != 0 || !core.isLoadable(base)) {
        throw core.selectorFault(GuestFault.GP, selector);
      }
    }
    return base;
  }

  private void loadLdt(int selector) {
    if (Selectors.isNull(selector)) {
      State.setSegment(core.state, Segment.LDTR, selector, 0, 0, Segment.UNUSABLE);
      return;
    }
    if ((selector & 4) != 0) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    long d = selectors.read(selector);
    if (Descriptor.systemType(d) != Descriptor.LDT) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    long base = base(selector, d);
    loads.set(Segment.LDTR, selector, d);
    State.setBase(core.state, Segment.LDTR, base);
  }

  private void loadTask(int selector) {
    if (Selectors.isNull(selector)) {
      throw core.v.protection();
    }
    if ((selector & 4) != 0) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    long d = selectors.read(selector);
    int type = Descriptor.systemType(d);
    if (!Descriptor.isAvailableTss(type) || State.longMode(core.state) && type != Descriptor.TSS) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
    long base = base(selector, d);
    selectors.setBusy(selector, true);
    loads.set(Segment.TR, selector, d | 1L << 41);
    State.setBase(core.state, Segment.TR, base);
  }
}
