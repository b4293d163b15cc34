// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** BCD adjustments, and SALC. */
final class Decimal {
  private static final int RAX = 0;

  private Decimal() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    int al = (int) State.gpr(s, RAX, 1);
    switch (i.row.mnemonic) {
      case DAA -> packed(s, al, 1);
      case DAS -> packed(s, al, -1);
      case AAA -> unpacked(s, al, 1);
      case AAS -> unpacked(s, al, -1);
      case AAM -> {
        int base = (int) i.imm & 0xFF;
        if (base == 0) {
          throw v.fault(GuestFault.DE, 0);
        }
        State.setGpr(s, RAX, 2, al / base << 8 | al % base);
        flags(s, al % base);
      }
      case AAD -> {
        int result = (al + (int) State.gprHigh(s, RAX) * (int) i.imm) & 0xFF;
        State.setGpr(s, RAX, 2, result);
        flags(s, result);
      }
      case SALC -> State.setGpr(s, RAX, 1, Flags.cf(s) ? 0xFF : 0);
      default -> throw v.undefined();
    }
  }

  private static void flags(long s, int al) {
    Flags.logic(s, (byte) al);
  }

  private static void packed(long s, int al, int direction) {
    int old = (int) Flags.read(s);
    boolean carry = (old & Flags.CF) != 0;
    boolean adjust = (al & 0xF) > 9 || (old & Flags.AF) != 0;
    int result = al;
    boolean out = false;
    if (adjust) {
      result += 6 * direction;
      out = carry || (result & ~0xFF) != 0;
    }
    if (al > 0x99 || carry) {
      result += 0x60 * direction;
      out = true;
    } else if (direction > 0) {
      out = false;
    }
    byte r = (byte) result;
    State.setGpr(s, RAX, 1, r);
    Flags.setArithmetic(
        s,
        Flags.ARITHMETIC,
        (out ? Flags.CF : 0)
            | (adjust ? Flags.AF : 0)
            | (r == 0 ? Flags.ZF : 0)
            | (r < 0 ? Flags.SF : 0)
            | (Flags.parity(r) ? Flags.PF : 0));
  }

  private static void unpacked(long s, int al, int direction) {
    int old = (int) Flags.read(s);
    boolean adjust = (al & 0xF) > 9 || (old & Flags.AF) != 0;
    if (adjust) {
      State.setGpr(s, RAX, 2, State.gpr(s, RAX, 2) + 0x106L * direction);
    }
    State.setGpr(s, RAX, 1, State.gpr(s, RAX, 1) & 0xF);
    Flags.setArithmetic(s, Flags.AF | Flags.CF, adjust ? Flags.AF | Flags.CF : 0);
  }
}
