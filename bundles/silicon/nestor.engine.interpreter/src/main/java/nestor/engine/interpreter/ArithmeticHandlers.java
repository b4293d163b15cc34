// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Flags;
import nestor.vcpu.Vcpu;

/** Comparisons of bytes, arithmetic of one operand, shifts and products, on packed operands. */
final class ArithmeticHandlers {
  private ArithmeticHandlers() {}

  static void compare8Memory(Vcpu v, long s, long w, long w2) {
    long a = (byte) FastMemory.load8(v, s, w, Packed.address(s, w, w2));
    long b = (byte) Packed.immediate(w2);
    Flags.sub(s, a, b, (byte) (a - b));
  }

  static void test8Memory(Vcpu v, long s, long w, long w2) {
    long a = FastMemory.load8(v, s, w, Packed.address(s, w, w2)) & Packed.immediate(w2);
    Flags.logic(s, (byte) a);
  }

  static void test8Registers(long s, long w) {
    Flags.logic(s, (byte) (Packed.register1(s, w) & Packed.register2(s, w)));
  }

  static void compare8Register(long s, long w, long w2) {
    long a = (byte) Packed.register1(s, w);
    long b = (byte) Packed.immediate(w2);
    Flags.sub(s, a, b, (byte) (a - b));
  }

  static void test8Register(long s, long w, long w2) {
    Flags.logic(s, (byte) (Packed.register1(s, w) & Packed.immediate(w2)));
  }

  static void inc(long s, long w) {
    int shift = Packed.shift(w);
    long a = Packed.register1(s, w) << shift >> shift;
    long r = (a + 1) << shift >> shift;
    Flags.inc(s, a, r);
    Packed.setRegister1(s, w, r & -1L >>> shift);
  }

  static void dec(long s, long w) {
    int shift = Packed.shift(w);
    long a = Packed.register1(s, w) << shift >> shift;
    long r = (a - 1) << shift >> shift;
    Flags.dec(s, a, r);
    Packed.setRegister1(s, w, r & -1L >>> shift);
  }

  static void neg(long s, long w) {
    int shift = Packed.shift(w);
    long a = Packed.register1(s, w) << shift >> shift;
    long r = -a << shift >> shift;
    Flags.sub(s, 0, a, r);
    Packed.setRegister1(s, w, r & -1L >>> shift);
  }

  static void not(long s, long w) {
    Packed.setRegister1(s, w, ~Packed.register1(s, w) & -1L >>> Packed.shift(w));
  }

  /** Shifts by a constant from 1 to the width minus 1. */
  static void shiftLeft(long s, long w, long w2) {
    int shift = Packed.shift(w);
    int count = (int) Packed.immediate(w2);
    long a = Packed.register1(s, w) & -1L >>> shift;
    long r = a << count << shift >> shift;
    boolean carry = (a << (count - 1) << shift) < 0;
    shifted(s, r, carry, carry != r < 0);
    Packed.setRegister1(s, w, r & -1L >>> shift);
  }

  static void shiftRight(long s, long w, long w2) {
    int shift = Packed.shift(w);
    int count = (int) Packed.immediate(w2);
    long a = Packed.register1(s, w) & -1L >>> shift;
    long r = a >>> count;
    long extended = r << shift >> shift;
    shifted(s, extended, (a >>> (count - 1) & 1) != 0, (r << 1 << shift ^ r << shift) < 0);
    Packed.setRegister1(s, w, r);
  }

  static void shiftRightArithmetic(long s, long w, long w2) {
    int shift = Packed.shift(w);
    int count = (int) Packed.immediate(w2);
    long a = Packed.register1(s, w) << shift >> shift;
    long r = a >> count;
    shifted(s, r, (a >> (count - 1) & 1) != 0, false);
    Packed.setRegister1(s, w, r & -1L >>> shift);
  }

  private static void shifted(long s, long r, boolean carry, boolean overflow) {
    Flags.setArithmetic(
        s,
        Flags.ARITHMETIC,
        (carry ? Flags.CF : 0)
            | (overflow ? Flags.OF : 0)
            | (r == 0 ? Flags.ZF : 0)
            | (r < 0 ? Flags.SF : 0)
            | (Flags.parity(r) ? Flags.PF : 0));
  }

  static void multiply(long s, long w) {
    int shift = Packed.shift(w);
    product(
        s, w, Packed.register1(s, w) << shift >> shift, Packed.register2(s, w) << shift >> shift);
  }

  static void multiplyImmediate(long s, long w, long w2) {
    int shift = Packed.shift(w);
    product(s, w, Packed.register2(s, w) << shift >> shift, Packed.immediate(w2));
  }

  private static void product(long s, long w, long a, long b) {
    int shift = Packed.shift(w);
    long r = a * b;
    boolean overflow = shift == 0 ? Math.multiplyHigh(a, b) != r >> 63 : r != (int) r;
    Packed.setRegister1(s, w, r & -1L >>> shift);
    Flags.setArithmetic(s, Flags.OF | Flags.CF, overflow ? Flags.OF | Flags.CF : 0);
  }
}
