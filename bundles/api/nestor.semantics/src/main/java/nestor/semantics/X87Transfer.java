// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.fp.F80Convert;
import nestor.semantics.fp.FpEnv;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** x87 data transfer: loads, constants, stores, exchanges and conditional moves. */
final class X87Transfer {
  private static final int EXTENDED = 10;

  /**
   * D9 D8+i, the alias of FSTP that does not check for an empty ST(0): it then only pops.
   * Unspecified: as on AMD processors.
   */
  private static final int NO_CHECK = 0xD9;

  private X87Transfer() {}

  /** FLD. */
  static void load(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (i.kind[0] == OperandKind.ST) {
      if (X87Stack.isEmpty(s, i.register[0])) {
        X87Status.underflow(f);
      } else {
        take(f, X87Stack.address(s, i.register[0]));
      }
    } else {
      switch (i.width[0]) {
        case 4 -> F80Convert.loadF32((int) Operands.read(v, i, 0), f);
        case 8 -> F80Convert.loadF64(Operands.read(v, i, 0), f);
        default -> take(f, loadExtended(v, i));
      }
    }
    push(v, f);
  }

  /** FILD. */
  static void loadInteger(Vcpu v, Insn i) {
    FpFlags f = X87Status.begin(v);
    F80Convert.fromInteger(Operands.readSigned(v, i, 0), f);
    push(v, f);
  }

  /** FBLD. */
  static void loadDecimal(Vcpu v, Insn i) {
    FpFlags f = X87Status.begin(v);
    long at = loadExtended(v, i);
    F80Convert.fromBcd(Mem.getLong(at), X87Stack.signExponent(at), f);
    push(v, f);
  }

  /** FLD1 and its kin, by the low bits of the second opcode byte. */
  static void constant(Vcpu v, Insn i) {
    FpFlags f = X87Status.begin(v);
    F80Convert.constant(i.modrm & 7, X87Status.environment(v.state), f);
    push(v, f);
  }

  private static void take(FpFlags f, long address) {
    f.sig = X87Stack.significand(address);
    f.se = X87Stack.signExponent(address);
  }

  /**
   * Pushes the result; a stack fault takes the place of the exceptions of its conversion.
   *
   * <p>With DE unmasked Intel loads nothing (SDM vol. 1, "Denormal Operand Exception"), but AMD
   * processors push the operand.
   */
  private static void push(Vcpu v, FpFlags f) {
    long s = v.state;
    if ((f.raised & X87Status.SF) == 0 && !X87Stack.isEmpty(s, -1)) {
      f.clear();
      X87Status.overflow(f);
    }
    if (X87Status.commit(s, f) || v.amd && f.raised == FpFlags.DE) {
      X87Stack.push(s, f.sig, f.se);
    }
  }

  private static long loadExtended(Vcpu v, Insn i) {
    long linear = EffectiveAddress.linear(v, i, EXTENDED, false);
    long scratch = State.scratch(v.state, 0);
    GuestMemory.loadBytes(v, linear, scratch, EXTENDED);
    return scratch;
  }

  /** FST and FSTP. */
  static void store(Vcpu v, Insn i, boolean pop) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    boolean empty = X87Stack.isEmpty(s, 0);
    if (empty) {
      X87Status.underflow(f);
    } else {
      take(f, X87Stack.address(s, 0));
    }
    if (i.kind[0] == OperandKind.ST) {
      if (empty && i.row.opcode == NO_CHECK) {
        X87Status.setC1(s, false);
        X87Stack.pop(s);
      } else if (X87Status.commit(s, f)) {
        X87Stack.write(s, i.register[0], f.sig, f.se);
        popIf(s, pop);
      }
      return;
    }
    int env = X87Status.environment(s);
    switch (i.width[0]) {
      case 4 -> storeScalar(v, i, f, F80Convert.toF32(f.sig, f.se, env, f), pop);
      case 8 -> storeScalar(v, i, f, F80Convert.toF64(f.sig, f.se, env, f), pop);
      default -> storeExtended(v, i, f, pop);
    }
  }

  /** FIST, FISTP and FISTTP. */
  static void storeInteger(Vcpu v, Insn i, boolean pop) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int bits = i.width[0] * 8;
    int env = X87Status.environment(s);
    if (i.row.mnemonic == Mnemonic.FISTTP) {
      env = FpEnv.withRounding(env, FpEnv.ZERO);
    }
    long value;
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
      value = -1L << (bits - 1);
    } else {
      long a = X87Stack.address(s, 0);
      value = F80Convert.toInteger(X87Stack.significand(a), X87Stack.signExponent(a), bits, env, f);
    }
    storeScalar(v, i, f, value, pop);
  }

  /** FBSTP. */
  static void storeDecimal(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    if (X87Stack.isEmpty(s, 0)) {
      X87Status.underflow(f);
    } else {
      long a = X87Stack.address(s, 0);
      int env = X87Status.environment(s);
      F80Convert.toBcd(X87Stack.significand(a), X87Stack.signExponent(a), env, f);
    }
    storeExtended(v, i, f, true);
  }

  private static void storeScalar(Vcpu v, Insn i, FpFlags f, long value, boolean pop) {
    boolean stores = X87Status.stores(v.state, f);
    if (stores) {
      Operands.write(v, i, 0, value);
    } else {
      probe(v, i, i.width[0]);
    }
    X87Status.commit(v.state, f);
    popIf(v.state, stores && pop);
  }

  private static void storeExtended(Vcpu v, Insn i, FpFlags f, boolean pop) {
    long s = v.state;
    boolean stores = X87Status.stores(s, f);
    if (stores) {
      long scratch = State.scratch(s, 0);
      Mem.putLong(scratch, f.sig);
      Mem.putShort(scratch + 8, (short) f.se);
      long linear = EffectiveAddress.linear(v, i, EXTENDED, true);
      GuestMemory.storeBytes(v, linear, scratch, EXTENDED);
    } else {
      probe(v, i, EXTENDED);
    }
    X87Status.commit(s, f);
    popIf(s, stores && pop);
  }

  /** A store that an unmasked exception suppresses still faults where it cannot write. */
  private static void probe(Vcpu v, Insn i, int bytes) {
    MaskedMemory.probe(v, EffectiveAddress.linear(v, i, bytes, true), bytes);
  }

  private static void popIf(long s, boolean pop) {
    if (pop) {
      X87Stack.pop(s);
    }
  }

  /** FXCH. */
  static void exchange(Vcpu v, Insn i) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int other = i.register[0];
    boolean empty = X87Stack.isEmpty(s, 0);
    boolean otherEmpty = X87Stack.isEmpty(s, other);
    if (empty || otherEmpty) {
      X87Status.underflow(f);
    }
    if (!X87Status.commit(s, f)) {
      return;
    }
    if (!empty) {
      take(f, X87Stack.address(s, 0));
    }
    long sig = f.sig;
    int se = f.se;
    if (otherEmpty) {
      X87Status.indefinite(f);
    } else {
      take(f, X87Stack.address(s, other));
    }
    X87Stack.write(s, 0, f.sig, f.se);
    X87Stack.write(s, other, sig, se);
  }

  /** FCMOVcc: the condition is that of CMOVcc with the low bits of DA or DB and of ModRM.reg. */
  static void conditional(Vcpu v, Insn i, int condition) {
    long s = v.state;
    FpFlags f = X87Status.begin(v);
    int source = i.register[1];
    boolean move = Flags.condition(s, condition);
    if (X87Stack.isEmpty(s, 0) || X87Stack.isEmpty(s, source)) {
      X87Status.underflow(f);
      move = true;
    } else {
      take(f, X87Stack.address(s, source));
    }
    long before = State.get(s, State.FSW);
    boolean completes = X87Status.commit(s, f);
    X87Status.keepC1(s, f, before);
    if (completes && move) {
      X87Stack.write(s, 0, f.sig, f.se);
    }
  }
}
