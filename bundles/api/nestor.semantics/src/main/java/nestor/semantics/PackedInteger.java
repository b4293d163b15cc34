// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.simd.PackedMultiply;
import nestor.semantics.simd.PackedOps;
import nestor.semantics.simd.PackedShift;
import nestor.semantics.simd.Swar;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Packed-integer arithmetic, logic, comparison and shifts on vector registers. */
final class PackedInteger {
  private PackedInteger() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    Mnemonic m = i.row.mnemonic;
    switch (m) {
      case PTEST, VPTEST -> test(v, i, -1);
      case VTESTPS -> test(v, i, Swar.D);
      case VTESTPD -> test(v, i, Swar.Q);
      case VPDPBUSD, VPDPBUSDS, VPDPWSSD, VPDPWSSDS -> dotProduct(v, i);
      default -> {
        if (PackedShift.shiftsByOneCount(m)) {
          shift(v, i);
        } else {
          laneByLane(v, i);
        }
      }
    }
  }

  /** Operations within 64 bits may write a register that is also a source. */
  private static void laneByLane(Vcpu v, Insn i) {
    Mnemonic m = i.row.mnemonic;
    int last = VectorForm.last(i);
    long b = VectorOperands.source(v, i, last);
    long a = VectorForm.first(v, i, last);
    boolean toOpmask = i.kind[0] == OperandKind.OPMASK;
    long t = toOpmask ? VectorForm.result(v) : VectorForm.target(v, i);
    int width = toOpmask ? i.vectorLength : i.width[0];
    for (int k = 0; k < width; k += 8) {
      Mem.putLong(t + k, PackedOps.apply(m, Mem.getLong(a + k), Mem.getLong(b + k)));
    }
    if (toOpmask) {
      Opmask.writeTopBits(v, i, t, i.row.element, width);
    } else {
      VectorForm.finish(v, i, t);
    }
  }

  private static void shift(Vcpu v, Insn i) {
    Mnemonic m = i.row.mnemonic;
    int last = i.operandCount - 1;
    long count =
        i.kind[last] == OperandKind.IMMEDIATE
            ? i.imm
            : Mem.getLong(VectorOperands.source(v, i, last));
    long a = VectorForm.first(v, i, last);
    long t = VectorForm.target(v, i);
    int width = i.width[0];
    for (int k = 0; k < width; k += 8) {
      Mem.putLong(t + k, PackedShift.apply(m, Mem.getLong(a + k), count));
    }
    VectorForm.finish(v, i, t);
  }

  private static void dotProduct(Vcpu v, Insn i) {
    Mnemonic m = i.row.mnemonic;
    boolean saturate = m == Mnemonic.VPDPBUSDS || m == Mnemonic.VPDPWSSDS;
    boolean bytes = m == Mnemonic.VPDPBUSD || m == Mnemonic.VPDPBUSDS;
    long b = VectorOperands.source(v, i, 2);
    long a = VectorOperands.source(v, i, 1);
    long sums = State.vector(v.state, i.register[0]);
    long t = VectorForm.target(v, i);
    int width = i.width[0];
    for (int k = 0; k < width; k += 8) {
      long c = Mem.getLong(sums + k);
      long x = Mem.getLong(a + k);
      long y = Mem.getLong(b + k);
      Mem.putLong(
          t + k,
          bytes
              ? PackedMultiply.accumulateBytes(c, x, y, saturate)
              : PackedMultiply.accumulateWords(c, x, y, saturate));
    }
    VectorForm.finish(v, i, t);
  }

  /** ZF: no common bit among those looked at; CF: no bit of the second that the first lacks. */
  private static void test(Vcpu v, Insn i, long bits) {
    long b = VectorOperands.source(v, i, 1);
    long a = VectorOperands.source(v, i, 0);
    long common = 0;
    long lacking = 0;
    for (int k = 0; k < i.width[0]; k += 8) {
      common |= Mem.getLong(a + k) & Mem.getLong(b + k);
      lacking |= ~Mem.getLong(a + k) & Mem.getLong(b + k);
    }
    int flags = ((common & bits) == 0 ? Flags.ZF : 0) | ((lacking & bits) == 0 ? Flags.CF : 0);
    Flags.setArithmetic(v.state, Flags.ARITHMETIC, flags);
  }
}
