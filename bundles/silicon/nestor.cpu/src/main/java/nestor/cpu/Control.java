// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.Operands;
import nestor.semantics.XsaveComponents;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Instructions on control and debug registers, XCR0, PKRU and RFLAGS.AC (SDM vol. 2). */
final class Control {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;

  private final Core core;
  private final ControlRegisters registers;
  private final DebugUnit debug;

  Control(Core core, ControlRegisters registers, DebugUnit debug) {
    this.core = core;
    this.registers = registers;
    this.debug = debug;
  }

  void execute(Insn i) {
    Vcpu v = core.v;
    switch (i.row.mnemonic) {
      case MOV -> move(i);
      case CLTS -> registers.clearTaskSwitched();
      case SMSW -> {
        requireUmip();
        Operands.write(v, i, 0, core.get(State.CR0));
      }
      case LMSW -> registers.loadStatusWord((int) Operands.read(v, i, 0));
      case CLAC -> setAlignmentCheck(false);
      case STAC -> setAlignmentCheck(true);
      case XGETBV -> readXcr();
      case XSETBV -> {
        requireXsave();
        if (core.cpl() != 0) {
          throw v.protection();
        }
        registers.writeXcr(ecx(), State.gpr(core.state, RDX, 4) << 32 | eax());
      }
      case RDPKRU -> readPkru();
      case WRPKRU -> writePkru();
      default -> throw v.undefined();
    }
  }

  /** CLAC and STAC are undefined, not forbidden, outside level 0 (SDM vol. 2, "STAC"). */
  private void setAlignmentCheck(boolean value) {
    if (core.cpl() != 0) {
      throw core.v.undefined();
    }
    long flags = Flags.read(core.state);
    core.writeFlags(value ? flags | Flags.AC : flags & ~Flags.AC);
  }

  private int ecx() {
    return (int) State.gpr(core.state, RCX);
  }

  private long eax() {
    return State.gpr(core.state, RAX, 4);
  }

  private void move(Insn i) {
    long state = core.state;
    int to = i.register[0];
    int from = i.register[1];
    int width = i.mode == 64 ? 8 : 4;
    boolean store = i.kind[0] != OperandKind.CONTROL && i.kind[0] != OperandKind.DEBUG;
    boolean control = i.kind[store ? 1 : 0] == OperandKind.CONTROL;
    int number = store ? from : to;
    if (i.has(Insn.LOCK)) { // APM vol. 3, "MOV (CRn)"
      if (!core.model.has("CR8_LEGACY")) {
        throw core.v.undefined();
      }
      number = 8;
    }
    if (control ? !ControlRegisters.exists(number) : number > 7) {
      throw core.v.undefined();
    }
    if (core.cpl() != 0) {
      throw core.v.protection();
    }
    if (store) {
      long value = control ? registers.read(number) : debug.read(number);
      State.setGpr(state, to, width, value);
    } else if (control) {
      registers.write(number, State.gpr(state, from, width));
    } else {
      debug.write(number, State.gpr(state, from, width));
    }
  }

  /** #GP(0) for SMSW, SGDT, SIDT, SLDT and STR outside CPL 0 with CR4.UMIP. */
  void requireUmip() {
    if (core.cpl() != 0 && (core.get(State.CR4) & ControlRegisters.UMIP) != 0) {
      throw core.v.protection();
    }
  }

  private void requireXsave() {
    if ((core.get(State.CR4) & ControlRegisters.OSXSAVE) == 0) {
      throw core.v.undefined();
    }
  }

  private void readXcr() {
    requireXsave();
    long value =
        switch (ecx()) {
          case 0 -> core.get(State.XCR0);
          case 1 -> {
            if (!core.model.has("XGETBV1")) {
              throw core.v.protection();
            }
            yield core.get(State.XCR0) & XsaveComponents.inUse(core.state);
          }
          default -> throw core.v.protection();
        };
    State.setGpr(core.state, RAX, 4, value);
    State.setGpr(core.state, RDX, 4, value >>> 32);
  }

  private void requirePkru(boolean dataZero) {
    if ((core.get(State.CR4) & ControlRegisters.PKE) == 0) {
      throw core.v.undefined();
    }
    if (ecx() != 0 || !dataZero) {
      throw core.v.fault(GuestFault.GP, 0);
    }
  }

  private void readPkru() {
    requirePkru(true);
    State.setGpr(core.state, RAX, 4, core.get(State.PKRU));
    State.setGpr(core.state, RDX, 4, 0);
  }

  private void writePkru() {
    requirePkru((int) State.gpr(core.state, RDX) == 0);
    core.set(State.PKRU, eax());
    core.v.mmu.modeChanged();
  }
}
