// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Integer multiplication and division. After a multiplication SF, ZF, AF and PF are undefined,
 * after a division all six: they keep their values.
 */
final class MultiplyDivide {
  private static final int RAX = 0;
  private static final int RDX = 2;

  private MultiplyDivide() {}

  static void execute(Vcpu v, Insn i) {
    int w = i.width[0];
    switch (i.row.mnemonic) {
      case MUL -> widening(v, i, w, false);
      case IMUL -> {
        if (i.operandCount == 1) {
          widening(v, i, w, true);
        } else {
          int source = i.operandCount - 2;
          multiply(v, i, Operands.readSigned(v, i, source), w);
        }
      }
      case MULX -> {
        long a = State.gpr(v.state, RDX, w);
        long b = Operands.read(v, i, 2);
        long high = w == 8 ? Math.unsignedMultiplyHigh(a, b) : a * b >>> 32;
        State.setGpr(v.state, i.register[1], w, a * b);
        State.setGpr(
            v.state, i.register[0], w, high); // the same register twice ends with the high half
      }
      case DIV -> divide(v, i, w);
      case IDIV -> divideSigned(v, i, w);
      default -> throw v.undefined();
    }
  }

  private static void multiply(Vcpu v, Insn i, long a, int w) {
    long b = Operands.signed(Operands.read(v, i, i.operandCount - 1), w);
    long product = a * b;
    boolean overflow =
        w == 8 ? Math.multiplyHigh(a, b) != product >> 63 : product != Operands.signed(product, w);
    Operands.write(v, i, 0, product);
    setOverflow(v.state, overflow);
  }

  private static void widening(Vcpu v, Insn i, int w, boolean signed) {
    long s = v.state;
    long a = State.gpr(s, RAX, w);
    long b = Operands.read(v, i, 0);
    if (signed) {
      a = Operands.signed(a, w);
      b = Operands.signed(b, w);
    }
    long low = a * b;
    boolean overflow;
    if (w == 8) {
      long high = signed ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b);
      overflow = signed ? high != low >> 63 : high != 0;
      State.setGpr(s, RAX, low);
      State.setGpr(s, RDX, high);
    } else {
      overflow = signed ? low != Operands.signed(low, w) : low != Operands.unsigned(low, w);
      if (w == 1) {
        State.setGpr(s, RAX, 2, low);
      } else {
        State.setGpr(s, RAX, w, low);
        State.setGpr(s, RDX, w, low >>> (8 * w));
      }
    }
    setOverflow(s, overflow);
  }

  private static void setOverflow(long s, boolean overflow) {
    Flags.setArithmetic(s, Flags.OF | Flags.CF, overflow ? Flags.OF | Flags.CF : 0);
  }

  private static void divide(Vcpu v, Insn i, int w) {
    long s = v.state;
    long divisor = Operands.read(v, i, 0);
    if (divisor == 0) {
      throw v.fault(GuestFault.DE, 0);
    }
    if (w == 8) {
      long high = State.gpr(s, RDX);
      long low = State.gpr(s, RAX);
      if (Long.compareUnsigned(high, divisor) >= 0) {
        throw v.fault(GuestFault.DE, 0);
      }
      long quotient = divide128(high, low, divisor);
      State.setGpr(s, RAX, quotient);
      State.setGpr(s, RDX, low - quotient * divisor);
      return;
    }
    long dividend = dividend(s, w);
    long quotient = Long.divideUnsigned(dividend, divisor);
    if (quotient != Operands.unsigned(quotient, w)) {
      throw v.fault(GuestFault.DE, 0);
    }
    store(s, w, quotient, Long.remainderUnsigned(dividend, divisor));
  }

  private static long dividend(long s, int w) {
    return w == 1 ? State.gpr(s, RAX, 2) : State.gpr(s, RDX, w) << (8 * w) | State.gpr(s, RAX, w);
  }

  private static void store(long s, int w, long quotient, long remainder) {
    if (w == 1) {
      State.setGpr(s, RAX, 2, (quotient & 0xFF) | (remainder & 0xFF) << 8);
    } else {
      State.setGpr(s, RAX, w, quotient);
      State.setGpr(s, RDX, w, remainder);
    }
  }

  private static void divideSigned(Vcpu v, Insn i, int w) {
    long s = v.state;
    long divisor = Operands.readSigned(v, i, 0);
    if (divisor == 0) {
      throw v.fault(GuestFault.DE, 0);
    }
    if (w == 8) {
      divideSigned128(v, divisor);
      return;
    }
    long dividend = w == 4 ? dividend(s, w) : Operands.signed(dividend(s, w), 2 * w);
    if (dividend == Long.MIN_VALUE && divisor == -1) {
      throw v.fault(GuestFault.DE, 0);
    }
    long quotient = dividend / divisor;
    if (quotient != Operands.signed(quotient, w)) {
      throw v.fault(GuestFault.DE, 0);
    }
    store(s, w, quotient, dividend % divisor);
  }

  private static void divideSigned128(Vcpu v, long divisor) {
    long s = v.state;
    long high = State.gpr(s, RDX);
    long low = State.gpr(s, RAX);
    boolean negative = high < 0;
    if (negative) {
      low = -low;
      high = ~high + (low == 0 ? 1 : 0);
    }
    long magnitude = Math.abs(divisor); // MIN_VALUE stays, and is right as unsigned
    if (Long.compareUnsigned(high, magnitude) >= 0) {
      throw v.fault(GuestFault.DE, 0);
    }
    long quotient = divide128(high, low, magnitude);
    long remainder = low - quotient * magnitude;
    boolean negativeQuotient = negative != divisor < 0;
    // Unsigned limit: 2^63 for negative quotients, 2^63 - 1 for others.
    if (quotient < 0 && !(negativeQuotient && quotient == Long.MIN_VALUE)) {
      throw v.fault(GuestFault.DE, 0);
    }
    State.setGpr(s, RAX, negativeQuotient ? -quotient : quotient);
    State.setGpr(s, RDX, negative ? -remainder : remainder);
  }

  /**
   * {@return the quotient of an unsigned 128-bit by a 64-bit value; {@code high < divisor}}
   *
   * <p>Two steps of schoolbook division with 32-bit digits (Knuth, algorithm D).
   */
  static long divide128(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    int shift = Long.numberOfLeadingZeros(divisor);
    long d = divisor << shift;
    long n1 = shift == 0 ? high : high << shift | low >>> (64 - shift);
    long n0 = low << shift;
    long dHigh = d >>> 32;
    long dLow = d & 0xFFFF_FFFFL;
    long q1 = digit(n1, n0 >>> 32, dHigh, dLow);
    long rest = (n1 << 32 | n0 >>> 32) - q1 * d;
    long q0 = digit(rest, n0 & 0xFFFF_FFFFL, dHigh, dLow);
    return q1 << 32 | q0;
  }

  private static long digit(long n, long next, long dHigh, long dLow) {
    long q = Long.divideUnsigned(n, dHigh);
    long r = n - q * dHigh;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * dLow, r << 32 | next) > 0) {
      q--;
      r += dHigh;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return q;
  }
}
