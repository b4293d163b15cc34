// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Shifts and rotates. Counts are cut to 5 bits, 6 for 64-bit operands; a count of 0 changes
 * nothing.
 *
 * <p>Undefined flags: AF after shifts is cleared; OF for counts above 1 is what the formula for a
 * count of 1 gives for the last step; CF of shifts by more than the width is what a shifter one bit
 * wider would drop.
 */
final class ShiftRotate {
  private ShiftRotate() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case SHLX, SHRX, SARX -> withoutFlags(v, i);
      case RORX -> {
        int bits = 8 * i.width[0];
        long value = Operands.read(v, i, 1);
        State.setGpr(
            v.state, i.register[0], i.width[0], rotateRight(value, (int) i.imm & (bits - 1), bits));
      }
      case SHLD, SHRD -> doubleShift(v, i);
      default -> shift(v, i);
    }
  }

  private static void withoutFlags(Vcpu v, Insn i) {
    int w = i.width[0];
    long value = Operands.read(v, i, 1);
    int count = (int) State.gpr(v.state, i.register[2]) & (8 * w - 1);
    long result =
        switch (i.row.mnemonic) {
          case SHLX -> value << count;
          case SHRX -> value >>> count;
          default -> Operands.signed(value, w) >> count;
        };
    State.setGpr(v.state, i.register[0], w, result);
  }

  private static int count(Vcpu v, Insn i, int operand) {
    int mask = i.width[0] == 8 ? 63 : 31;
    return (int) Operands.read(v, i, operand) & mask;
  }

  private static void shift(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    int bits = 8 * w;
    long value = Operands.readForWrite(v, i, 0);
    int count = count(v, i, 1);
    if (count == 0) {
      Operands.write(v, i, 0, value); // a 32-bit register still loses its upper half
      return;
    }
    long sign = 1L << (bits - 1);
    switch (i.row.mnemonic) {
      case SHL, SAL -> {
        long result = Operands.unsigned(count == 64 ? 0 : value << count, w);
        boolean carry = count <= bits && (value >>> (bits - count) & 1) != 0;
        Operands.write(v, i, 0, result);
        shifted(s, result, w, carry, carry != ((result & sign) != 0));
      }
      case SHR -> {
        long result = value >>> count;
        boolean carry = (value >>> (count - 1) & 1) != 0;
        Operands.write(v, i, 0, result);
        shifted(s, result, w, carry, ((result << 1 ^ result) & sign) != 0);
      }
      case SAR -> {
        long extended = Operands.signed(value, w);
        long result = extended >> count;
        Operands.write(v, i, 0, result);
        shifted(s, result, w, (extended >> (count - 1) & 1) != 0, false);
      }
      case ROL -> {
        long result = rotateLeft(value, count & (bits - 1), bits);
        Operands.write(v, i, 0, result);
        boolean carry = (result & 1) != 0;
        rotated(s, carry, carry != ((result & sign) != 0));
      }
      case ROR -> {
        long result = rotateRight(value, count & (bits - 1), bits);
        Operands.write(v, i, 0, result);
        rotated(s, (result & sign) != 0, ((result << 1 ^ result) & sign) != 0);
      }
      default -> throughCarry(v, i, value, count, bits);
    }
  }

  private static void shifted(long s, long result, int w, boolean carry, boolean overflow) {
    long r = Operands.signed(result, w);
    int flags =
        (carry ? Flags.CF : 0)
            | (overflow ? Flags.OF : 0)
            | (r == 0 ? Flags.ZF : 0)
            | (r < 0 ? Flags.SF : 0)
            | (Flags.parity(r) ? Flags.PF : 0);
    Flags.setArithmetic(s, Flags.ARITHMETIC, flags);
  }

  private static void rotated(long s, boolean carry, boolean overflow) {
    Flags.setArithmetic(s, Flags.CF | Flags.OF, (carry ? Flags.CF : 0) | (overflow ? Flags.OF : 0));
  }

  private static long rotateLeft(long value, int count, int bits) {
    return bits == 64
        ? Long.rotateLeft(value, count)
        : mask(value << count | value >>> (bits - count), bits);
  }

  private static long rotateRight(long value, int count, int bits) {
    return bits == 64
        ? Long.rotateRight(value, count)
        : mask(value >>> count | value << (bits - count), bits);
  }

  private static long mask(long value, int bits) {
    return bits == 64 ? value : value & ((1L << bits) - 1);
  }

  /** RCL and RCR: a rotation of one bit more than the operand, CF on top. */
  private static void throughCarry(Vcpu v, Insn i, long value, int count, int bits) {
    long s = v.state;
    boolean left = i.row.mnemonic == nestor.isa.Mnemonic.RCL;
    int n = count % (bits + 1);
    long carry = Flags.cf(s) ? 1 : 0;
    long result = value;
    if (n != 0) {
      int up = left ? n : bits + 1 - n; // a right rotation is a left one by the rest
      long low = up > 1 ? (up - 1 == 64 ? 0 : value >>> (bits + 1 - up)) : 0;
      long high = up == 64 ? 0 : mask(value << up, bits);
      result = mask(high | carry << (up - 1) | low, bits);
      carry = value >>> (bits - up) & 1;
    }
    Operands.write(v, i, 0, result);
    boolean top = (result >>> (bits - 1) & 1) != 0;
    boolean overflow = left ? top != (carry != 0) : top != ((result >>> (bits - 2) & 1) != 0);
    rotated(s, carry != 0, overflow);
  }

  /**
   * SHLD and SHRD. With 16-bit operands and counts above 16 the result is undefined: AMD's CPUs
   * shift the filler in twice, on Intel's the destination's own bits follow it.
   */
  private static void doubleShift(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    int bits = 8 * w;
    long value = Operands.readForWrite(v, i, 0);
    long filler = Operands.read(v, i, 1);
    int count = count(v, i, 2);
    if (count == 0) {
      Operands.write(v, i, 0, value);
      return;
    }
    boolean left = i.row.mnemonic == nestor.isa.Mnemonic.SHLD;
    long result;
    boolean carry;
    if (w == 2) {
      long last = v.amd ? filler : value;
      long wide = left ? value << 32 | filler << 16 | last : last << 32 | filler << 16 | value;
      if (left) {
        result = wide >>> (32 - count) & 0xFFFF;
        carry = (wide >>> (48 - count) & 1) != 0;
      } else {
        result = wide >>> count & 0xFFFF;
        carry = (wide >>> (count - 1) & 1) != 0;
      }
    } else if (left) {
      result = mask(value << count | filler >>> (bits - count), bits);
      carry = (value >>> (bits - count) & 1) != 0;
    } else {
      result = mask(value >>> count | filler << (bits - count), bits);
      carry = (value >>> (count - 1) & 1) != 0;
    }
    Operands.write(v, i, 0, result);
    long sign = 1L << (bits - 1);
    boolean overflow =
        left ? carry != ((result & sign) != 0) : ((result << 1 ^ result) & sign) != 0;
    shifted(s, result, w, carry, overflow);
  }
}
