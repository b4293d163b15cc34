// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;

/** Bit tests, scans and counts. */
final class BitTranslator {
  private final Translation t;
  private final Emitter e;

  BitTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case BT -> bitTest(i, 4);
      case BTS -> bitTest(i, 5);
      case BTR -> bitTest(i, 6);
      case BTC -> bitTest(i, 7);
      case BSF, BSR -> scan(i);
      case TZCNT, LZCNT, POPCNT -> HostFeatures.has(i.row.feature) && count(i);
      default -> false;
    };
  }

  /** The host keeps all flags but CF, as the guest's must be. */
  private boolean bitTest(Insn i, int extension) {
    int w = i.width[0];
    if (w < 4) {
      return false;
    }
    boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
    int opcode = 0x0F83 | extension << 3; // BT 0FA3, BTS 0FAB, BTR 0FB3, BTC 0FBB
    if (i.kind[0] == OperandKind.GPR) {
      t.needFlags();
      int to = t.read(i.register[0], RAX);
      if (immediate) {
        e.registers(0x0FBA, w, extension, to, true);
        e.emit8((int) i.imm & (8 * w - 1));
      } else {
        e.registers(opcode, w, t.read(i.register[1], RCX), to);
      }
      t.written(i.register[0], to);
    } else if (i.kind[0] == OperandKind.MEMORY && Translation.canAddress(i)) {
      if (immediate) {
        t.address(i, w, extension != 4);
        e.move(8, RCX, RAX);
        t.needFlags();
        e.memoryExtension(0x0FBA, w, extension, RCX, 0);
        e.emit8((int) i.imm & (8 * w - 1));
      } else {
        return bitString(i, w, extension, opcode);
      }
    } else {
      return false;
    }
    t.someFlagsSet(Flags.CF);
    return true;
  }

  /** A register offset selects the unit first; then the register form cuts it to the unit. */
  private boolean bitString(Insn i, int w, int extension, int opcode) {
    if (i.addressSize != 8 || i.segment >= 4) {
      return false;
    }
    int s = i.register[1];
    t.saveFlags();
    t.effectiveAddress(i);
    e.moveSigned(w, RCX, t.read(s, RCX));
    e.shift(7, 8, RCX, w == 8 ? 6 : 5);
    e.lea(8, RAX, RAX, RCX, w == 8 ? 3 : 2, 0);
    t.check(w, extension != 4);
    e.store(8, RAX, RSP, Frame.KEPT);
    e.load(w, RCX, RAX, 0);
    t.needFlags();
    e.registers(opcode, w, t.read(s, RAX), RCX);
    if (extension != 4) {
      e.load(8, RAX, RSP, Frame.KEPT);
      e.store(w, RCX, RAX, 0);
    }
    t.someFlagsSet(Flags.CF);
    return true;
  }

  /** {@return the register with the source: its own or RCX, or -1} Flags move to the frame. */
  private int source(Insn i, int w) {
    if (i.kind[1] == OperandKind.GPR) {
      return t.read(i.register[1], RCX);
    }
    if (i.kind[1] != OperandKind.MEMORY || !Translation.canAddress(i)) {
      return -1;
    }
    t.address(i, w, false);
    e.load(w, RCX, RAX, 0);
    return RCX;
  }

  /** All flags stay but ZF; so does the whole destination if the source is zero. */
  private boolean scan(Insn i) {
    int w = i.width[0];
    if (w < 4) {
      return false;
    }
    t.saveFlags();
    int from = source(i, w);
    if (from < 0) {
      return false;
    }
    int d = i.register[0];
    int to = t.read(d, RAX);
    e.registers(0x85, w, from, from);
    int zero = e.shortJump(Emitter.EQUAL);
    e.registers(i.row.mnemonic == Mnemonic.BSF ? 0x0FBC : 0x0FBD, w, to, from);
    t.written(d, to);
    e.bind(zero);
    t.mergeFlags(Flags.ZF);
    return true;
  }

  private boolean count(Insn i) {
    int w = i.width[0];
    if (w < 4) {
      return false;
    }
    t.saveFlags();
    int from = source(i, w);
    if (from < 0) {
      return false;
    }
    int d = i.register[0];
    int to = Translation.target(d, RAX);
    int opcode =
        switch (i.row.mnemonic) {
          case TZCNT -> 0x0FBC;
          case LZCNT -> 0x0FBD;
          default -> 0x0FB8;
        };
    e.repeated(opcode, w, to, from);
    t.written(d, to);
    if (i.row.mnemonic == Mnemonic.POPCNT) {
      t.flagsSet();
    } else {
      t.mergeFlags(Flags.ZF | Flags.CF);
    }
    return true;
  }
}
