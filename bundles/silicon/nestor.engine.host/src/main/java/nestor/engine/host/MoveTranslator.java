// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.OperandKind;

/** Moves, extensions, LEA, conditional moves and sets, exchanges. */
final class MoveTranslator {
  private static final int GUEST_RAX = 0;

  private final Translation t;
  private final Emitter e;

  MoveTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    return switch (i.row.mnemonic) {
      case MOV, MOVNTI -> move(i);
      case MOVZX -> extend(i, i.width[1] == 1 ? 0x0FB6 : 0x0FB7);
      case MOVSX -> extend(i, i.width[1] == 1 ? 0x0FBE : 0x0FBF);
      case MOVSXD -> i.width[1] == 4 && extend(i, 0x63);
      case LEA -> lea(i);
      case BSWAP -> swap(i);
      case CBW, CWDE, CDQE -> extendAccumulator(i);
      case CWD, CDQ, CQO -> {
        e.move(8, RAX, Frame.host(GUEST_RAX));
        e.registers(0x99, i.operandSize);
        yield true;
      }
      default -> {
        if (i.row.map != 1) {
          yield false;
        }
        yield switch (i.row.opcode >> 4) {
          case 4 -> conditional(i);
          case 9 -> set(i);
          default -> false;
        };
      }
    };
  }

  private static boolean isRegister(Insn i, int n) {
    return i.kind[n] == OperandKind.GPR;
  }

  private static boolean isMemory(Insn i, int n) {
    return i.kind[n] == OperandKind.MEMORY;
  }

  private boolean move(Insn i) {
    int w = i.width[0];
    if (isMemory(i, 0)) {
      return Translation.canAddress(i) && store(i, w);
    }
    if (!isRegister(i, 0)) {
      return false;
    }
    int d = i.register[0];
    switch (i.kind[1]) {
      case GPR -> moveRegisters(d, i.register[1], w);
      case IMMEDIATE -> {
        if (w >= 4) {
          int to = Translation.target(d, RAX);
          e.constant(to, w == 4 ? i.imm & 0xFFFF_FFFFL : i.imm);
          t.written(d, to);
        } else {
          int to = t.read(d, RAX);
          e.moveImmediate(w, to, (int) i.imm);
          t.written(d, to);
        }
      }
      case MEMORY -> {
        if (!Translation.canAddress(i)) {
          return false;
        }
        t.address(i, w, false);
        int to = w >= 4 ? Translation.target(d, RCX) : t.read(d, RCX);
        e.load(w, to, RAX, 0);
        t.written(d, to);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void moveRegisters(int d, int s, int w) {
    if (w >= 4) {
      int from = t.read(s, RAX);
      if (Frame.isPinned(d)) {
        e.move(w, Frame.host(d), from);
      } else {
        if (w == 4) {
          e.move(4, RAX, from);
          from = RAX;
        }
        t.written(d, from);
      }
      return;
    }
    int to = t.read(d, RAX);
    int from = t.read(s, RCX);
    e.registers(w == 1 ? 0x8A : 0x8B, w, to, from);
    t.written(d, to);
  }

  private boolean store(Insn i, int w) {
    if (i.kind[1] == OperandKind.IMMEDIATE) {
      t.address(i, w, true);
      e.storeImmediate(w, RAX, 0, (int) i.imm);
      return true;
    }
    if (!isRegister(i, 1)) {
      return false;
    }
    t.address(i, w, true);
    e.store(w, t.read(i.register[1], RCX), RAX, 0);
    return true;
  }

  private boolean extend(Insn i, int opcode) {
    if (!isRegister(i, 0)) {
      return false;
    }
    int d = i.register[0];
    int w = i.width[0];
    int to;
    if (isMemory(i, 1)) {
      if (!Translation.canAddress(i)) {
        return false;
      }
      t.address(i, i.width[1], false);
      to = w >= 4 ? Translation.target(d, RCX) : t.read(d, RCX);
      e.memory(opcode, w, to, RAX, 0);
    } else if (isRegister(i, 1)) {
      int from = t.read(i.register[1], RCX);
      to = w >= 4 ? Translation.target(d, RAX) : t.read(d, RAX);
      e.extend(opcode, w, to, from, i.width[1]);
    } else {
      return false;
    }
    t.written(d, to);
    return true;
  }

  private boolean lea(Insn i) {
    int w = i.width[0];
    if (w < 4 || !Translation.canAddress(i)) {
      return false;
    }
    int d = i.register[0];
    int to = Translation.target(d, RAX);
    t.effectiveAddress(i, to, Math.min(w, i.addressSize));
    t.written(d, to);
    return true;
  }

  private boolean swap(Insn i) {
    int w = i.width[0];
    if (w < 4) {
      return false;
    }
    int to = t.read(i.register[0], RAX);
    e.byteSwap(w, to);
    t.written(i.register[0], to);
    return true;
  }

  private boolean extendAccumulator(Insn i) {
    int host = Frame.host(GUEST_RAX);
    switch (i.operandSize) {
      case 2 -> e.extend(0x0FBE, 2, host, host, 1);
      case 4 -> e.extend(0x0FBF, 4, host, host, 2);
      default -> e.extend(0x63, 8, host, host, 4);
    }
    return true;
  }

  private boolean set(Insn i) {
    int code = i.row.opcode & 15;
    if (isRegister(i, 0)) {
      t.needFlags();
      int to = t.read(i.register[0], RCX);
      e.set(code, to);
      t.written(i.register[0], to);
      return true;
    }
    if (!isMemory(i, 0) || !Translation.canAddress(i)) {
      return false;
    }
    t.address(i, 1, true);
    e.move(8, RCX, RAX);
    t.needFlags();
    e.memoryExtension(0x0F90 | code, 1, 0, RCX, 0);
    return true;
  }

  private boolean conditional(Insn i) {
    int code = i.row.opcode & 15;
    int w = i.width[0];
    int d = i.register[0];
    int from;
    if (isMemory(i, 1)) {
      if (!Translation.canAddress(i)) {
        return false;
      }
      t.address(i, w, false);
      e.load(w, RCX, RAX, 0);
      t.needFlags();
      from = RCX;
    } else if (isRegister(i, 1)) {
      t.needFlags();
      from = t.read(i.register[1], RCX);
    } else {
      return false;
    }
    int to = t.read(d, RAX);
    e.registers(0x0F40 | code, w, to, from);
    t.written(d, to);
    return true;
  }
}
