// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.semantics.fp.F80;
import nestor.semantics.fp.FpFlags;
import nestor.semantics.fp.FpRelation;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * x87 comparisons: FCOM, FUCOM, FICOM, FTST, FCOMI and FXAM.
 *
 * <p>With an unmasked exception AMD processors still deliver the condition codes or flags, while
 * Intel's keep the old ones (SDM vol. 2, "Operation" of FCOM and FCOMI); neither pops.
 */
final class X87Compare {
  private static final int CODES = X87Status.C0 | X87Status.C2 | X87Status.C3;

  /** Condition codes, and flags of FCOMI, by {@link FpRelation}. */
  private static final int[] CODES_OF = {0, X87Status.C0, X87Status.C3, CODES};

  private static final int[] FLAGS_OF = {0, Flags.CF, Flags.ZF, Flags.ZF | Flags.PF | Flags.CF};

  private X87Compare() {}

  /** Comparisons that leave their result in the condition codes. */
  static void toCodes(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int relation = relation(v, i, f);
    boolean completes = X87Status.commit(s, f);
    if (completes || v.amd) {
      State.set(s, State.FSW, State.get(s, State.FSW) & ~CODES | CODES_OF[relation]);
    }
    if (completes) {
      pop(s, i.row.mnemonic);
    }
  }

  /** FCOMI and its kin. */
  static void toFlags(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int relation = relation(v, i, f);
    long before = State.get(s, State.FSW);
    boolean completes = X87Status.commit(s, f);
    if (v.amd) {
      X87Status.keepC1(s, f, before); // Intel clears it (SDM vol. 2, "FCOMI/FCOMIP/...").
    }
    if (completes || v.amd) {
      Flags.setArithmetic(s, Flags.ARITHMETIC, FLAGS_OF[relation]);
    }
    if (completes) {
      pop(s, i.row.mnemonic);
    }
  }

  private static int relation(Vcpu v, Insn i, FpFlags f) {
    long s = v.state;
    boolean empty = false;
    if (i.operandCount == 1) {
      X87Arithmetic.memory(v, i, f);
    } else if (i.row.mnemonic == Mnemonic.FTST) {
      f.sig = 0;
      f.se = 0;
    } else {
      int other = i.operandCount == 0 ? 1 : i.register[1]; // FCOMPP and FUCOMPP name none
      empty = X87Stack.isEmpty(s, other);
      long b = X87Stack.address(s, other);
      f.sig = X87Stack.significand(b);
      f.se = X87Stack.signExponent(b);
    }
    if (empty || X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
      return FpRelation.UNORDERED;
    }
    long a = X87Stack.address(s, 0);
    boolean quietSignals = !isUnordered(i.row.mnemonic);
    return F80.compare(
        X87Stack.significand(a), X87Stack.signExponent(a), f.sig, f.se, quietSignals, f);
  }

  /** Whether quiet NaNs raise no exception. */
  private static boolean isUnordered(Mnemonic m) {
    return switch (m) {
      case FUCOM, FUCOMP, FUCOMPP, FUCOMI, FUCOMIP -> true;
      default -> false;
    };
  }

  private static void pop(long s, Mnemonic m) {
    switch (m) {
      case FCOMP, FICOMP, FUCOMP, FCOMIP, FUCOMIP -> X87Stack.pop(s);
      case FCOMPP, FUCOMPP -> {
        X87Stack.pop(s);
        X87Stack.pop(s);
      }
      default -> {}
    }
  }

  /** FXAM: the class of ST(0), and in C1 its sign, of an empty register too. */
  static void examine(long s) {
    long a = X87Stack.address(s, 0);
    int se = X87Stack.signExponent(a);
    int codes =
        X87Stack.isEmpty(s, 0)
            ? X87Status.C3 | X87Status.C0
            : F80.classify(X87Stack.significand(a), se);
    long fsw = State.get(s, State.FSW) & ~(CODES | X87Status.C1);
    State.set(s, State.FSW, fsw | codes | ((se & 0x8000) != 0 ? X87Status.C1 : 0));
  }
}
