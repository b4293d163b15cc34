// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.isa.Intercept;
import nestor.isa.RowAttribute;
import nestor.vcpu.State;

/**
 * Asks the hypervisor's hardware about an instruction, after the checks that go before exits: #UD
 * and faults on privilege (SDM vol. 3C, "Relative Priority of Faults and VM Exits").
 */
final class InterceptGate {
  private static final long DEBUG = Intercept.DR_READ.mask() | Intercept.DR_WRITE.mask();

  private final Core core;
  private final Msrs msrs;

  InterceptGate(Core core, Msrs msrs) {
    this.core = core;
    this.msrs = msrs;
  }

  /** {@return whether nothing is left to do: the instruction has been executed} */
  boolean isDone(Insn i) {
    // MOV DR is Intel's exception: its exit goes before the privilege check. On AMD the intercepts
    // of
    // IRET, INT n and RSM go first as well (APM vol. 2, table "Instruction Intercepts").
    if (core.v.amd || (i.row.interceptMask & DEBUG) == 0) {
      check(i);
    }
    boolean done = core.v.virtualization.instruction(i);
    if (!done && i.row.has(RowAttribute.CPL0) && core.cpl() != 0) {
      throw core.v.protection();
    }
    return done;
  }

  private void check(Insn i) {
    if (i.row.has(RowAttribute.CPL0) && core.cpl() != 0) {
      throw core.v.protection();
    }
    long cr4 = core.get(State.CR4);
    boolean user = core.cpl() != 0;
    switch (i.row.mnemonic) {
      case RDTSC, RDTSCP -> require(!user || (cr4 & ControlRegisters.TSD) == 0);
      case RDPMC -> require(!user || (cr4 & ControlRegisters.PCE) != 0);
      case SMSW, SGDT, SIDT, SLDT, STR -> require(!user || (cr4 & ControlRegisters.UMIP) == 0);
      case MONITOR, MWAIT -> {
        if (user || !msrs.monitorEnabled()) {
          throw core.v.undefined();
        }
      }
      case XSETBV -> {
        if ((cr4 & ControlRegisters.OSXSAVE) == 0) {
          throw core.v.undefined();
        }
      }
      default -> {}
    }
  }

  private void require(boolean condition) {
    if (!condition) {
      throw core.v.protection();
    }
  }
}
