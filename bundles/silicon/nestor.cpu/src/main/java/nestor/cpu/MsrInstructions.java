// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.Operands;
import nestor.vcpu.State;

/** RDMSR, WRMSR, RDTSC, RDTSCP, RDPMC and RDPID (SDM vol. 2). */
final class MsrInstructions {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;

  private final Core core;
  private final Msrs msrs;
  private final Tsc tsc;

  MsrInstructions(Core core, Msrs msrs, Tsc tsc) {
    this.core = core;
    this.msrs = msrs;
    this.tsc = tsc;
  }

  void execute(Insn i) {
    long state = core.state;
    switch (i.row.mnemonic) {
      case RDMSR -> result(msrs.read((int) State.gpr(state, RCX)));
      case WRMSR ->
          msrs.write(
              (int) State.gpr(state, RCX),
              State.gpr(state, RDX, 4) << 32 | State.gpr(state, RAX, 4));
      case RDTSC -> {
        requireTsc();
        result(tsc.read());
      }
      case RDTSCP -> {
        requireTsc();
        result(tsc.read());
        State.setGpr(state, RCX, 4, core.get(State.TSC_AUX));
      }
      case RDPID -> Operands.write(core.v, i, 0, core.get(State.TSC_AUX));
      case RDPMC -> readCounter();
      default -> throw core.v.undefined();
    }
  }

  private void requireTsc() {
    if ((core.get(State.CR4) & ControlRegisters.TSD) != 0 && core.cpl() != 0) {
      throw core.v.protection();
    }
  }

  /** Counters exist on AMD models alone; they hold what was written. */
  private void readCounter() {
    int counter = (int) State.gpr(core.state, RCX);
    boolean allowed = (core.get(State.CR4) & ControlRegisters.PCE) != 0 || core.cpl() == 0;
    if (!allowed || !core.model.isAmd() || counter < 0 || counter > 3) {
      throw core.v.protection();
    }
    result(msrs.read(0xC001_0004 + counter));
  }

  private void result(long value) {
    State.setGpr(core.state, RAX, 4, value);
    State.setGpr(core.state, RDX, 4, value >>> 32);
  }
}
