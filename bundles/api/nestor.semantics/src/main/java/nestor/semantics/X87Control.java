// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** x87 control instructions, and what they do to the control word. */
final class X87Control {
  private static final int FCW_WRITABLE = 0x1F3F;
  private static final int FCW_FIXED = 0x40;
  private static final int MASKS = 0x3F;

  /** What FNCLEX clears: exception flags, SF, ES and B. */
  private static final int CLEARED = 0x80FF;

  private X87Control() {}

  /** {@return a control word as it is kept: reserved bits have their fixed values} */
  static long controlWord(int value) {
    return value & FCW_WRITABLE | FCW_FIXED;
  }

  /** The state after FNINIT; the registers' contents stay. */
  static void initialise(long s) {
    State.set(s, State.FCW, XsaveComponents.INITIAL_FCW);
    State.set(s, State.FSW, 0);
    State.set(s, State.FTW, 0);
    State.set(s, State.FOP, 0);
    State.set(s, State.FIP, 0);
    State.set(s, State.FDP, 0);
    State.set(s, State.FCS_FDS, 0);
  }

  static void clearExceptions(long s) {
    State.set(s, State.FSW, State.get(s, State.FSW) & ~CLEARED);
  }

  static void loadControlWord(Vcpu v, Insn i) {
    State.set(v.state, State.FCW, controlWord((int) Operands.read(v, i, 0)));
    X87Status.updateSummary(v.state);
  }

  /** Masks all exceptions, so that none is pending any more. */
  static void maskAll(long s) {
    State.set(s, State.FCW, State.get(s, State.FCW) | MASKS);
    X87Status.updateSummary(s);
  }
}
