// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;

/**
 * Shifts and rotates. Processors differ in AF after a shift, which must read as zero; OF after a
 * shift by more than one follows one formula on all that pass {@link HostFeatures}.
 */
final class ShiftTranslator {
  private static final int GUEST_RCX = 1;

  private final Translation t;
  private final Emitter e;

  ShiftTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case ROL -> shift(i, 0, false);
      case ROR -> shift(i, 1, false);
      case RCL -> shift(i, 2, false);
      case RCR -> shift(i, 3, false);
      case SHL, SAL -> shift(i, 4, true);
      case SHR -> shift(i, 5, true);
      case SAR -> shift(i, 7, true);
      case SHLD, SHRD -> doubleShift(i);
      default -> false;
    };
  }

  private static int count(Insn i) {
    return (int) i.imm & (i.width[0] == 8 ? 63 : 31);
  }

  /**
   * {@return whether the count is constant and neither 0 nor beyond the width} Others are rare, and
   * processors differ in the carry.
   */
  static boolean isPlain(Insn i) {
    return i.kind[1] != OperandKind.GPR && count(i) != 0 && count(i) < 8 * i.width[0];
  }

  private boolean shift(Insn i, int operation, boolean setsAll) {
    int w = i.width[0];
    if (i.kind[1] == OperandKind.GPR) {
      return i.kind[0] == OperandKind.GPR && shiftByCl(i, operation, w, setsAll);
    }
    if (!isPlain(i)) {
      return false;
    }
    int count = count(i);
    boolean keeps = !setsAll && !(t.flagsDead() && operation < 2);
    int at;
    if (i.kind[0] == OperandKind.GPR) {
      if (keeps) {
        t.needFlags();
      }
      at = t.read(i.register[0], RCX);
      e.shift(operation, w, at, count);
      t.written(i.register[0], at);
    } else if (i.kind[0] == OperandKind.MEMORY && Translation.canAddress(i)) {
      t.address(i, w, true);
      at = RAX;
      if (keeps) {
        e.move(8, RCX, RAX);
        at = RCX;
        t.needFlags();
      }
      e.shiftMemory(operation, w, at, count);
    } else {
      return false;
    }
    if (keeps) {
      t.someFlagsSet(Flags.CF);
    } else {
      t.flagsSet(Flags.AF);
    }
    return true;
  }

  /** A count of zero leaves the flags, so they must be there before. */
  private boolean shiftByCl(Insn i, int operation, int w, boolean setsAll) {
    if (w < 4) {
      return false; // the count may reach beyond the width
    }
    boolean readsCarry = operation == 2 || operation == 3;
    if (readsCarry || !t.flagsDead()) {
      t.settleFlags();
      t.needFlags();
    }
    int to = t.read(i.register[0], RAX);
    e.move(4, RCX, Frame.host(GUEST_RCX));
    e.shiftByCl(operation, w, to);
    t.written(i.register[0], to);
    if (t.flagsDead()) {
      t.flagsSet();
    } else if (setsAll) {
      t.saveShiftedFlags(w == 8 ? 63 : 31);
    } else {
      t.someFlagsSet(Flags.CF);
    }
    return true;
  }

  private boolean doubleShift(Insn i) {
    int w = i.width[0];
    if (w < 4 || i.kind[0] != OperandKind.GPR || i.kind[2] != OperandKind.IMMEDIATE) {
      return false;
    }
    int count = (int) i.imm & (w == 8 ? 63 : 31);
    if (count == 0) {
      return false;
    }
    int to = t.read(i.register[0], RAX);
    int from = t.read(i.register[1], RCX);
    e.registers(i.row.mnemonic == Mnemonic.SHLD ? 0x0FA4 : 0x0FAC, w, from, to);
    e.emit8(count);
    t.written(i.register[0], to);
    t.flagsSet(Flags.AF);
    return true;
  }
}
