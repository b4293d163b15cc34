// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.Vcpu;

/** Instructions on opmask registers. A result narrower than the register is zero-extended. */
final class OpmaskOps {
  private OpmaskOps() {}

  static void execute(Vcpu v, Insn i) {
    Availability.opmask(v);
    switch (i.row.mnemonic) {
      case KMOVB, KMOVW, KMOVD, KMOVQ -> move(v, i);
      case KORTESTB, KORTESTW, KORTESTD, KORTESTQ -> {
        long either = read(v, i, 0) | read(v, i, 1);
        flags(v, either == 0, either == all(i));
      }
      case KTESTB, KTESTW, KTESTD, KTESTQ -> {
        long a = read(v, i, 0);
        long b = read(v, i, 1);
        flags(v, (a & b) == 0, (~a & b) == 0);
      }
      default -> write(v, i, result(v, i));
    }
  }

  private static long result(Vcpu v, Insn i) {
    long a = read(v, i, 1);
    if (i.operandCount == 2) {
      return ~a; // KNOT
    }
    if (i.kind[2] == OperandKind.IMMEDIATE) {
      return shifted(i, a);
    }
    long b = read(v, i, 2);
    return switch (i.row.mnemonic) {
      case KANDB, KANDW, KANDD, KANDQ -> a & b;
      case KANDNB, KANDNW, KANDND, KANDNQ -> ~a & b;
      case KORB, KORW, KORD, KORQ -> a | b;
      case KXORB, KXORW, KXORD, KXORQ -> a ^ b;
      case KXNORB, KXNORW, KXNORD, KXNORQ -> ~(a ^ b);
      case KADDB, KADDW, KADDD, KADDQ -> a + b;
      case KUNPCKBW, KUNPCKWD, KUNPCKDQ -> a << 8 * i.width[1] | b;
      default -> throw new IllegalStateException(i.row + " is no opmask operation");
    };
  }

  private static long shifted(Insn i, long a) {
    int count = (int) i.imm & 0xFF;
    if (count >= 8 * i.width[0]) {
      return 0;
    }
    return switch (i.row.mnemonic) {
      case KSHIFTLB, KSHIFTLW, KSHIFTLD, KSHIFTLQ -> a << count;
      default -> a >>> count;
    };
  }

  private static long all(Insn i) {
    return Operands.unsigned(-1, i.width[0]);
  }

  private static long read(Vcpu v, Insn i, int n) {
    return Operands.unsigned(Opmask.get(v, i.register[n]), i.width[n]);
  }

  private static void write(Vcpu v, Insn i, long value) {
    Opmask.set(v, i.register[0], Operands.unsigned(value, i.width[0]));
  }

  private static void move(Vcpu v, Insn i) {
    long value = i.kind[1] == OperandKind.OPMASK ? read(v, i, 1) : Operands.read(v, i, 1);
    if (i.kind[0] == OperandKind.OPMASK) {
      write(v, i, value);
    } else {
      Operands.write(v, i, 0, value);
    }
  }

  private static void flags(Vcpu v, boolean zero, boolean carry) {
    Flags.setArithmetic(v.state, Flags.ARITHMETIC, (zero ? Flags.ZF : 0) | (carry ? Flags.CF : 0));
  }
}
