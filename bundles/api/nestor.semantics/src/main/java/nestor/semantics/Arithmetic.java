// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Addition, subtraction, logic, comparison (SDM vol. 1, "Binary Arithmetic" and "Logical"). */
final class Arithmetic {
  private Arithmetic() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    switch (i.row.mnemonic) {
      case CMP -> {
        long a = Operands.readSigned(v, i, 0);
        long b = Operands.signed(Operands.read(v, i, 1), w);
        Flags.sub(s, a, b, Operands.signed(a - b, w));
      }
      case TEST -> {
        long a = Operands.read(v, i, 0) & Operands.read(v, i, 1);
        Flags.logic(s, Operands.signed(a, w));
      }
      case NOT -> Operands.write(v, i, 0, ~Operands.readForWrite(v, i, 0));
      case ADCX, ADOX -> addWithOneFlag(v, i);
      default -> readModifyWrite(v, i, w);
    }
  }

  private static void readModifyWrite(Vcpu v, Insn i, int w) {
    long s = v.state;
    long a = Operands.signed(Operands.readForWrite(v, i, 0), w);
    long b = i.operandCount > 1 ? Operands.signed(Operands.read(v, i, 1), w) : 0;
    long r =
        Operands.signed(
            switch (i.row.mnemonic) {
              case ADD -> a + b;
              case ADC -> a + b + (Flags.cf(s) ? 1 : 0);
              case SUB -> a - b;
              case SBB -> a - b - (Flags.cf(s) ? 1 : 0);
              case AND -> a & b;
              case OR -> a | b;
              case XOR -> a ^ b;
              case INC -> a + 1;
              case DEC -> a - 1;
              case NEG -> -a;
              default -> throw v.undefined();
            },
            w);
    Operands.write(v, i, 0, r);
    switch (i.row.mnemonic) {
      case ADD, ADC -> Flags.add(s, a, b, r);
      case SUB, SBB -> Flags.sub(s, a, b, r);
      case INC -> Flags.inc(s, a, r);
      case DEC -> Flags.dec(s, a, r);
      case NEG -> Flags.sub(s, 0, a, r);
      default -> Flags.logic(s, r);
    }
  }

  /** ADCX and ADOX: a carry chain through CF alone or OF alone. */
  private static void addWithOneFlag(Vcpu v, Insn i) {
    long s = v.state;
    int flag = i.row.mnemonic == nestor.isa.Mnemonic.ADCX ? Flags.CF : Flags.OF;
    int w = i.width[0];
    long a = Operands.read(v, i, 0);
    long b = Operands.read(v, i, 1);
    long carry = (Flags.read(s) & flag) != 0 ? 1 : 0;
    long r = a + b + carry;
    boolean out = w == 4 ? r >>> 32 != 0 : ((a & b) | ((a | b) & ~r)) < 0;
    State.setGpr(s, i.register[0], w, r);
    Flags.setArithmetic(s, flag, out ? flag : 0);
  }
}
