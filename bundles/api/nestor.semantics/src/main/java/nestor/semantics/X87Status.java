// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.semantics.fp.FpEnv;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The x87 status word: condition codes, exceptions, and whether an instruction with an unmasked one
 * may still deliver its result (SDM vol. 1, "x87 FPU Floating-Point Exception Conditions").
 *
 * <p>Unspecified: condition codes that the manuals call undefined stay as they were, as on AMD
 * processors.
 */
final class X87Status {
  static final int C0 = 0x100;
  static final int C1 = 0x200;
  static final int C2 = 0x400;
  static final int C3 = 0x4000;

  /** Stack fault, in {@link FpFlags#raised} as in the status word. */
  static final int SF = 0x40;

  /** Exception summary, and B, which has been its copy since the 387. */
  static final int SUMMARY = 0x8080;

  private static final int EXCEPTIONS = 0x3F;

  /** Found before the operation is carried out: unmasked, they keep it from being so. */
  private static final int BEFORE = FpFlags.IE | FpFlags.DE | FpFlags.ZE;

  /** Unmasked, these keep a store from reaching memory. */
  private static final int NO_STORE = BEFORE | FpFlags.OE | FpFlags.UE;

  private static final long INDEFINITE = 0xC000_0000_0000_0000L;
  private static final int INDEFINITE_EXPONENT = 0xFFFF;

  private X87Status() {}

  /** {@return this vCPU's flags, cleared} */
  static FpFlags begin(Vcpu v) {
    FpFlags f = Scratch.of(v).fp;
    f.clear();
    return f;
  }

  static int environment(long s) {
    return FpEnv.ofFcw((int) State.get(s, State.FCW));
  }

  /** Stack underflow: an operand is an empty register. The masked response is the default NaN. */
  static void underflow(FpFlags f) {
    f.raised |= FpFlags.IE | SF;
    indefinite(f);
  }

  /** Stack overflow: a push onto a register that is not empty. */
  static void overflow(FpFlags f) {
    underflow(f);
    f.roundedUp = true;
  }

  static void indefinite(FpFlags f) {
    f.sig = f.sig2 = INDEFINITE;
    f.se = f.se2 = INDEFINITE_EXPONENT;
  }

  private static int unmasked(long s, FpFlags f) {
    return f.raised & ~(int) State.get(s, State.FCW) & EXCEPTIONS;
  }

  /** {@return whether a store to memory with these exceptions takes place} */
  static boolean stores(long s, FpFlags f) {
    return (unmasked(s, f) & NO_STORE) == 0;
  }

  /**
   * Makes the exceptions sticky and sets C1.
   *
   * @return whether the instruction completes: registers, condition codes and TOP may change
   */
  static boolean commit(long s, FpFlags f) {
    return commit(s, f, 0, 0);
  }

  /**
   * The same with condition codes, which replace those in {@code mask} if it completes. Else C2, if
   * it is among them, is cleared.
   */
  static boolean commit(long s, FpFlags f, int mask, int codes) {
    int raised = f.raised;
    int unmasked = unmasked(s, f);
    boolean completes = (unmasked & BEFORE) == 0;
    boolean up = f.roundedUp;
    long fsw = State.get(s, State.FSW) & ~C1;
    if (completes) {
      fsw = fsw & ~mask | codes;
    } else {
      fsw &= ~(mask & C2);
      raised &= BEFORE | SF;
      up &= (raised & SF) != 0;
    }
    fsw |= raised | (up ? C1 : 0);
    if (unmasked != 0) {
      fsw |= SUMMARY;
    }
    State.set(s, State.FSW, fsw);
    return completes;
  }

  /** After {@link #commit}: without a stack fault C1 is again as in {@code before}. */
  static void keepC1(long s, FpFlags f, long before) {
    if ((f.raised & SF) == 0) {
      State.set(s, State.FSW, State.get(s, State.FSW) | before & C1);
    }
  }

  /** Sets C1 or clears it, for instructions that raise no exception. */
  static void setC1(long s, boolean value) {
    long fsw = State.get(s, State.FSW) & ~C1;
    State.set(s, State.FSW, value ? fsw | C1 : fsw);
  }

  /** Sets or clears ES and B after a change of the flags or the masks. */
  static void updateSummary(long s) {
    long fsw = State.get(s, State.FSW);
    boolean pending = (fsw & ~State.get(s, State.FCW) & EXCEPTIONS) != 0;
    State.set(s, State.FSW, pending ? fsw | SUMMARY : fsw & ~SUMMARY);
  }
}
