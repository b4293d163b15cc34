// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Instructions on single flags, and LAHF and SAHF. */
final class FlagOps {
  private static final int BY_AH = Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF;

  private FlagOps() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case CLC -> Flags.setArithmetic(s, Flags.CF, 0);
      case STC -> Flags.setArithmetic(s, Flags.CF, Flags.CF);
      case CMC -> Flags.setArithmetic(s, Flags.CF, Flags.cf(s) ? 0 : Flags.CF);
      case CLD -> State.set(s, State.RFLAGS, State.get(s, State.RFLAGS) & ~Flags.DF);
      case STD -> State.set(s, State.RFLAGS, State.get(s, State.RFLAGS) | Flags.DF);
      case LAHF -> State.setGprHigh(s, 0, (Flags.read(s) & BY_AH) | 2);
      case SAHF -> Flags.setArithmetic(s, BY_AH, (int) State.gprHigh(s, 0));
      default -> throw v.undefined();
    }
  }
}
