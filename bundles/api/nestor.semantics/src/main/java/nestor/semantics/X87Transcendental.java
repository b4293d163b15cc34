// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.semantics.fp.F80Arctan;
import nestor.semantics.fp.F80Exp;
import nestor.semantics.fp.F80Trig;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Vcpu;

/** x87 transcendental instructions. */
final class X87Transcendental {
  private X87Transcendental() {}

  /** FSIN, FCOS, FSINCOS and FPTAN: C2 is set if the argument is out of range. */
  static void trigonometric(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    Mnemonic m = i.row.mnemonic;
    boolean pushes = m == Mnemonic.FSINCOS || m == Mnemonic.FPTAN;
    boolean inRange = true;
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else if (pushes && !X87Stack.isEmpty(s, -1)) {
      X87Status.overflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      long sig = X87Stack.significand(a);
      int se = X87Stack.signExponent(a);
      int env = X87Status.environment(s);
      inRange =
          switch (m) {
            case FSIN -> F80Trig.sin(sig, se, env, f);
            case FCOS -> F80Trig.cos(sig, se, env, f);
            case FSINCOS -> F80Trig.sincos(sig, se, env, f);
            default -> F80Trig.tan(sig, se, env, f);
          };
    }
    if (X87Status.commit(s, f, X87Status.C2, inRange ? 0 : X87Status.C2) && inRange) {
      X87Stack.write(s, 0, f.sig, f.se);
      if (pushes) {
        X87Stack.push(s, f.sig2, f.se2);
      }
    }
  }

  /** F2XM1. */
  static void exponential(Vcpu v) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      F80Exp.exp2m1(X87Stack.significand(a), X87Stack.signExponent(a), X87Status.environment(s), f);
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }

  /** FYL2X, FYL2XP1 and FPATAN: the result replaces ST(1), and ST(0) is popped. */
  static void dyadic(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0) || X87Stack.isEmpty(s, 1)) {
      X87Status.underflow(f);
    } else {
      long x = X87Stack.address(s, 0);
      long y = X87Stack.address(s, 1);
      long sigX = X87Stack.significand(x);
      int seX = X87Stack.signExponent(x);
      long sigY = X87Stack.significand(y);
      int seY = X87Stack.signExponent(y);
      int env = X87Status.environment(s);
      switch (i.row.mnemonic) {
        case FYL2X -> F80Exp.yLog2(sigY, seY, sigX, seX, env, f);
        case FYL2XP1 -> F80Exp.yLog2p1(sigY, seY, sigX, seX, env, f);
        default -> F80Arctan.atan(sigY, seY, sigX, seX, env, f);
      }
    }
    if (X87Status.commit(s, f)) {
      X87Stack.write(s, 1, f.sig, f.se);
      X87Stack.pop(s);
    }
  }
}
