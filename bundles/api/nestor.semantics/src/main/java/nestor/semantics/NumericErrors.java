// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The two ways of telling software of an unmasked x87 exception: #MF, and FERR# with IGNNE#, the
 * "MS-DOS compatibility mode" of the PC (SDM vol. 1, "Guidelines for Writing x87 FPU Exception
 * Handlers").
 *
 * <p>FERR# is driven when the next waiting instruction meets the exception, not before.
 */
final class NumericErrors {
  private static final long CR0_NE = 1 << 5;

  private NumericErrors() {}

  /**
   * A waiting instruction meets a pending exception; it goes on only with IGNNE#.
   *
   * @throws GuestFault #MF, or a wait for the interrupt that FERR# causes
   */
  static void pending(Vcpu v) {
    if ((State.get(v.state, State.CR0) & CR0_NE) != 0) {
      throw v.fault(GuestFault.MF, 0);
    }
    if (v.ignoreNumericErrors) {
      return;
    }
    if (v.numericError != null) {
      v.numericError.set(true);
    }
    throw v.fault(GuestFault.WAIT, 0);
  }

  /** After an instruction that may have cleared the exceptions: FERR# goes with them. */
  static void cleared(Vcpu v) {
    if (v.numericError != null
        && v.numericError.isHigh()
        && (State.get(v.state, State.FSW) & X87Status.SUMMARY) == 0) {
      v.numericError.set(false);
    }
  }
}
