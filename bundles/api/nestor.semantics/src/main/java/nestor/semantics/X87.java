// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** x87 instructions: whether they may run, and who executes them. */
final class X87 {
  private X87() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case FNINIT -> {
        Availability.x87(v, false);
        X87Control.initialise(s);
      }
      case FNCLEX -> {
        Availability.x87(v, false);
        X87Control.clearExceptions(s);
      }
      case FNSTSW -> {
        Availability.x87(v, false);
        Operands.write(v, i, 0, State.get(s, State.FSW));
      }
      case FNSTCW -> {
        Availability.x87(v, false);
        Operands.write(v, i, 0, State.get(s, State.FCW));
      }
      case FWAIT -> {
        Availability.x87(v, true);
        checkPending(v);
      }
      case FLDCW -> {
        Availability.x87(v, false);
        checkPending(v);
        X87Control.loadControlWord(v, i);
      }
      default -> throw v.undefined();
    }
  }

  /** Raises #MF if an unmasked exception waits. */
  static void checkPending(Vcpu v) {
    if ((State.get(v.state, State.FSW) & X87Control.SUMMARY) != 0) {
      throw v.fault(GuestFault.MF, 0);
    }
  }
}
