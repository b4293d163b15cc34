// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.fp.F80;
import nestor.semantics.fp.F80Convert;
import nestor.semantics.fp.F80Remainder;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Vcpu;

/** x87 basic arithmetic. */
final class X87Arithmetic {
  private static final int SIGN = 0x8000;

  private X87Arithmetic() {}

  /** FADD, FSUB, FSUBR, FMUL, FDIV, FDIVR with their popping and integer forms. */
  static void dyadic(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    Mnemonic m = i.row.mnemonic;
    int target = 0;
    boolean empty;
    if (i.kind[0] == OperandKind.ST) {
      target = i.register[0];
      int source = i.register[1];
      empty = X87Stack.isEmpty(s, source);
      long a = X87Stack.address(s, source);
      f.sig = X87Stack.significand(a);
      f.se = X87Stack.signExponent(a);
    } else {
      memory(v, i, f);
      empty = false;
    }
    if (empty || X87Stack.isEmpty(s, target)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, target);
      apply(m, X87Stack.significand(a), X87Stack.signExponent(a), s, f);
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, target, f.sig, f.se);
      switch (m) {
        case FADDP, FMULP, FSUBP, FSUBRP, FDIVP, FDIVRP -> X87Stack.pop(s);
        default -> {}
      }
    }
  }

  /** Widens a memory operand to f.sig and f.se. */
  static void memory(Vcpu v, Insn i, FpFlags f) {
    switch (i.row.mnemonic) {
      case FIADD, FIMUL, FICOM, FICOMP, FISUB, FISUBR, FIDIV, FIDIVR ->
          F80Convert.fromInteger(Operands.readSigned(v, i, 0), f);
      default -> {
        if (i.width[0] == 4) {
          F80Convert.widenF32((int) Operands.read(v, i, 0), f);
        } else {
          F80Convert.widenF64(Operands.read(v, i, 0), f);
        }
      }
    }
  }

  private static void apply(Mnemonic m, long sig, int se, long s, FpFlags f) {
    int env = X87Status.environment(s);
    switch (m) {
      case FADD, FADDP, FIADD -> F80.add(sig, se, f.sig, f.se, env, f);
      case FMUL, FMULP, FIMUL -> F80.mul(sig, se, f.sig, f.se, env, f);
      case FSUB, FSUBP, FISUB -> F80.sub(sig, se, f.sig, f.se, env, f);
      case FSUBR, FSUBRP, FISUBR -> F80.sub(f.sig, f.se, sig, se, env, f);
      case FDIV, FDIVP, FIDIV -> F80.div(sig, se, f.sig, f.se, env, f);
      default -> F80.div(f.sig, f.se, sig, se, env, f);
    }
  }

  /** FCHS and FABS. */
  static void sign(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      int se = X87Stack.signExponent(a);
      f.sig = X87Stack.significand(a);
      f.se = i.row.mnemonic == Mnemonic.FCHS ? se ^ SIGN : se & ~SIGN;
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }

  /** FSQRT and FRNDINT. */
  static void monadic(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      long sig = X87Stack.significand(a);
      int se = X87Stack.signExponent(a);
      int env = X87Status.environment(s);
      if (i.row.mnemonic == Mnemonic.FSQRT) {
        F80.sqrt(sig, se, env, f);
      } else {
        F80.roundToInteger(sig, se, env, f);
      }
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }

  /** FSCALE. */
  static void scale(Vcpu v) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0) || X87Stack.isEmpty(s, 1)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      long b = X87Stack.address(s, 1);
      F80.scale(
          X87Stack.significand(a),
          X87Stack.signExponent(a),
          X87Stack.significand(b),
          X87Stack.signExponent(b),
          X87Status.environment(s),
          f);
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }

  /** FPREM and FPREM1: the low bits of the quotient go to C0, C3 and C1. */
  static void remainder(Vcpu v, boolean nearest) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int quotient = F80Remainder.NO_QUOTIENT;
    if (X87Stack.isEmpty(s, 0) || X87Stack.isEmpty(s, 1)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      long b = X87Stack.address(s, 1);
      quotient =
          F80Remainder.remainder(
              X87Stack.significand(a),
              X87Stack.signExponent(a),
              X87Stack.significand(b),
              X87Stack.signExponent(b),
              nearest,
              X87Status.environment(s),
              f);
    }
    // Unspecified: C0 and C3 of a partial remainder are cleared, those of a NaN stay.
    int mask = X87Status.C0 | X87Status.C2 | X87Status.C3;
    int codes;
    if (quotient == F80Remainder.PARTIAL) {
      codes = X87Status.C2;
    } else if (quotient == F80Remainder.NO_QUOTIENT) {
      mask = X87Status.C2;
      codes = 0;
    } else {
      codes =
          ((quotient & 4) != 0 ? X87Status.C0 : 0)
              | ((quotient & 2) != 0 ? X87Status.C3 : 0)
              | ((quotient & 1) != 0 ? X87Status.C1 : 0);
    }
    if (X87Status.commit(s, f, mask, codes)) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }

  /** FXTRACT: the exponent takes the place of ST(0), the significand is pushed. */
  static void extract(Vcpu v) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else if (!X87Stack.isEmpty(s, -1)) {
      X87Status.overflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      F80.extract(X87Stack.significand(a), X87Stack.signExponent(a), f);
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 0, f.sig, f.se);
      X87Stack.push(s, f.sig2, f.se2);
    }
  }
}
