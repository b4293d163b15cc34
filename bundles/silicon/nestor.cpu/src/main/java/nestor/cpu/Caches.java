// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Cache and TLB control (SDM vol. 2). There is no cache; faults are still the instructions'. */
final class Caches {
  private static final int LINE = 64;

  private final Core core;

  Caches(Core core) {
    this.core = core;
  }

  void execute(Insn i) {
    Vcpu v = core.v;
    switch (i.row.mnemonic) {
      case INVD, WBINVD, WBNOINVD -> {}
      case INVLPG -> invalidatePage(i);
      case INVPCID -> invalidatePcid(i);
      // A flush is checked like a load of one byte.
      case CLFLUSH, CLFLUSHOPT, CLWB ->
          GuestMemory.load8(v, EffectiveAddress.linear(v, i, 1, false));
      case CLZERO -> zeroLine(i);
      default -> throw v.undefined();
    }
  }

  /** A non-canonical address does nothing; limits are not checked (SDM vol. 2, "INVLPG"). */
  private void invalidatePage(Insn i) {
    long state = core.state;
    long offset = EffectiveAddress.of(core.v, i);
    long linear;
    if (State.mode64(state)) {
      linear = i.segment >= 4 ? State.base(state, i.segment) + offset : offset;
      if (!State.isCanonical(state, linear)) {
        return;
      }
    } else {
      linear = State.base(state, i.segment) + offset & 0xFFFF_FFFFL;
    }
    core.v.mmu.invalidatePage(linear);
  }

  private void invalidatePcid(Insn i) {
    Vcpu v = core.v;
    long type = Operands.read(v, i, 0);
    long linear = EffectiveAddress.linear(v, i, 16, false);
    long low = GuestMemory.load64(v, linear);
    long address = GuestMemory.load64(v, linear + 8);
    int pcid = (int) low & 0xFFF;
    boolean pcide = (core.get(State.CR4) & ControlRegisters.PCIDE) != 0;
    boolean good =
        Long.compareUnsigned(type, 3) <= 0
            && (type >= 2 || low >>> 12 == 0 && (pcide || pcid == 0))
            && (type != 0 || core.isLoadable(address));
    if (!good) {
      throw v.protection();
    }
    v.mmu.invalidatePcid((int) type, pcid, address);
  }

  private void zeroLine(Insn i) {
    Vcpu v = core.v;
    long offset = State.gpr(core.state, 0, i.addressSize) & -LINE;
    long linear = EffectiveAddress.linear(v, i.segment, offset, LINE, true);
    v.mmu.checkWrite(linear, LINE);
    for (int n = 0; n < LINE; n += 8) {
      GuestMemory.store64(v, linear + n, 0);
    }
  }
}
