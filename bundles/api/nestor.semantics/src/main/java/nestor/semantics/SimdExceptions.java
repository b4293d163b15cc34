// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.semantics.fp.FpEnv;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The environment of SSE, AVX and AVX-512 floating-point instructions, and what becomes of the
 * exceptions of all their elements (SDM vol. 1, "SIMD Floating-Point Exceptions").
 */
final class SimdExceptions {
  private static final long CR4_OSXMMEXCPT = 1 << 10;
  private static final int ALL = 0x3F;
  private static final int MASK_SHIFT = 7;

  /** Found before the operation is carried out. */
  private static final int BEFORE = FpFlags.IE | FpFlags.DE | FpFlags.ZE;

  private SimdExceptions() {}

  /** {@return whether the form has embedded rounding or SAE: no exception is reported} */
  static boolean suppressed(Insn i) {
    return i.evexB && i.memoryOperand() < 0;
  }

  /** {@return the environment of an instruction} */
  static int environment(Vcpu v, Insn i) {
    int env = FpEnv.ofMxcsr((int) State.get(v.state, State.MXCSR));
    if (i.evexB && suppressed(i)) {
      return FpEnv.suppressed(env, i.rounding >= 0 ? i.rounding : env & FpEnv.RC);
    }
    return env;
  }

  /** {@return this vCPU's flags, cleared} */
  static FpFlags begin(Vcpu v) {
    FpFlags f = Scratch.of(v).fp;
    f.clear();
    return f;
  }

  /** {@return whether no exception can stop the instruction before it writes its destination} */
  static boolean allMasked(int env) {
    return (env >> FpEnv.MASK_SHIFT & ALL) == ALL;
  }

  /**
   * Makes the raised flags sticky.
   *
   * <p>If an exception that is found before the operation is unmasked in any element, those that
   * are found afterwards are not reported. The destination must not have been written.
   *
   * @throws GuestFault #XM for an unmasked exception, or #UD without CR4.OSXMMEXCPT
   */
  static void deliver(Vcpu v, Insn i, FpFlags f) {
    int raised = f.raised;
    if (raised == 0 || i.evexB && suppressed(i)) {
      return;
    }
    long s = v.state;
    int mxcsr = (int) State.get(s, State.MXCSR);
    int unmasked = raised & ~(mxcsr >> MASK_SHIFT) & ALL;
    if ((unmasked & BEFORE) != 0) {
      raised &= BEFORE;
    }
    State.set(s, State.MXCSR, mxcsr | raised);
    if (unmasked != 0) {
      throw (State.get(s, State.CR4) & CR4_OSXMMEXCPT) != 0
          ? v.fault(GuestFault.XM, 0)
          : v.undefined();
    }
  }
}
