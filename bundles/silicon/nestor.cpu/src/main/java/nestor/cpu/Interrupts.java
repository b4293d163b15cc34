// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;

/** INT n, INT3, INTO, INT1, BOUND, UD, CLI and STI (SDM vol. 2). */
final class Interrupts {
  private final Core core;
  private final Delivery delivery;
  private final TaskState tss;

  Interrupts(Core core, Delivery delivery, TaskState tss) {
    this.core = core;
    this.delivery = delivery;
    this.tss = tss;
  }

  void execute(Insn i) {
    switch (i.row.mnemonic) {
      case INT -> software((int) i.imm & 0xFF);
      case INT3 -> gate(GuestFault.BP, VmExit.SOFTWARE_EXCEPTION);
      case INTO -> {
        if (Flags.of(core.state)) {
          gate(GuestFault.OF, VmExit.SOFTWARE_EXCEPTION);
        }
      }
      case INT1 -> icebp();
      case BOUND -> bound(i);
      case CLI -> setInterruptFlag(false);
      case STI -> setInterruptFlag(true);
      default -> throw core.v.undefined();
    }
  }

  /**
   * INT n. In virtual-8086 mode CR4.VME and the redirection bitmap choose between the IVT at linear
   * address 0 and the IDT (SDM vol. 3B, "Software Interrupt Handling Methods While in Virtual-8086
   * Mode").
   */
  private void software(int vector) {
    if (State.virtual8086(core.state)) {
      if ((core.get(State.CR4) & ControlRegisters.VME) != 0 && tss.redirects(vector)) {
        delivery.redirected(vector, core.get(State.NEXT_RIP));
        finish();
        return;
      }
      if (core.iopl() < 3) {
        throw core.v.protection();
      }
    }
    gate(vector, VmExit.SOFTWARE_INTERRUPT);
  }

  /** Event of the program itself: EXT stays 0, and the gate's DPL counts. */
  private void gate(int vector, int type) {
    int length = (int) (core.get(State.NEXT_RIP) - core.get(State.RIP));
    int event = VmExit.EVENT_VALID | type | vector;
    if (type != VmExit.SOFTWARE_INTERRUPT && (core.v.intercepts.exceptions >>> vector & 1) != 0) {
      VmExit exit = core.v.virtualization.exception(event, 0, 0);
      if (exit != null) {
        exit.length = length;
        throw exit;
      }
    }
    core.vectoring = event;
    core.vectoringError = 0;
    core.vectoringLength = length;
    boolean software = type != VmExit.PRIVILEGED_SOFTWARE;
    delivery.deliver(
        vector, software, -1, core.get(State.NEXT_RIP), Flags.read(core.state) & ~Flags.RF);
    core.vectoring = 0;
    finish();
  }

  private void finish() {
    core.set(State.NEXT_RIP, delivery.target);
    core.trapSuppressed = true;
  }

  private void icebp() {
    core.ext = 1;
    try {
      gate(GuestFault.DB, VmExit.PRIVILEGED_SOFTWARE);
      Breakpoints.enterHandler(core, 0);
    } finally {
      core.ext = 0;
    }
  }

  private void bound(Insn i) {
    Vcpu v = core.v;
    int size = i.operandSize;
    long linear = EffectiveAddress.linear(v, i, size * 2, false);
    long index = Operands.readSigned(v, i, 0);
    long lower = Operands.signed(GuestMemory.load(v, linear, size), size);
    long upper = Operands.signed(GuestMemory.load(v, linear + size, size), size);
    if (index < lower || index > upper) {
      throw v.fault(GuestFault.BR, 0);
    }
  }

  private void setInterruptFlag(boolean value) {
    long flags = Flags.read(core.state);
    int cpl = core.cpl();
    if (State.protectedMode(core.state) && cpl > core.iopl()) {
      virtualInterrupts(value, flags, cpl);
      return;
    }
    if (value && (flags & Flags.IF) == 0) {
      core.set(State.STEP, core.get(State.STEP) | State.STEP_STI);
    }
    core.writeFlags(value ? flags | Flags.IF : flags & ~Flags.IF);
  }

  /** With VME or PVI, CLI and STI act on VIF (SDM vol. 2, "CLI", table of its action). */
  private void virtualInterrupts(boolean value, long flags, int cpl) {
    long cr4 = core.get(State.CR4);
    boolean allowed =
        State.virtual8086(core.state)
            ? (cr4 & ControlRegisters.VME) != 0
            : cpl == 3 && (cr4 & ControlRegisters.PVI) != 0;
    if (!allowed || value && (flags & Flags.VIP) != 0) {
      throw core.v.protection();
    }
    core.writeFlags(value ? flags | Flags.VIF : flags & ~Flags.VIF);
  }
}
