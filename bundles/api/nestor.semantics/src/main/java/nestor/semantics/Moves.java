// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Data transfer between general registers and memory. */
final class Moves {
  private static final int RAX = 0;
  private static final int RDX = 2;
  private static final int RBX = 3;

  private Moves() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case MOV, MOVZX, MOVNTI -> Operands.write(v, i, 0, Operands.read(v, i, 1));
      case MOVSX -> Operands.write(v, i, 0, Operands.readSigned(v, i, 1));
      case MOVSXD -> signExtendDoubleword(v, i);
      case LEA -> State.setGpr(s, i.register[0], i.width[0], EffectiveAddress.of(v, i));
      case XLAT -> {
        long offset =
            EffectiveAddress.truncate(State.gpr(s, RBX) + State.gpr(s, RAX, 1), i.addressSize);
        long linear = EffectiveAddress.linear(v, i.segment, offset, 1, false);
        State.setGpr(s, RAX, 1, GuestMemory.load8(v, linear));
      }
      case CBW -> State.setGpr(s, RAX, 2, (byte) State.gpr(s, RAX));
      case CWDE -> State.setGpr(s, RAX, 4, (short) State.gpr(s, RAX));
      case CDQE -> State.setGpr(s, RAX, (int) State.gpr(s, RAX));
      case CWD -> State.setGpr(s, RDX, 2, (short) State.gpr(s, RAX) >> 15);
      case CDQ -> State.setGpr(s, RDX, 4, (int) State.gpr(s, RAX) >> 31);
      case CQO -> State.setGpr(s, RDX, State.gpr(s, RAX) >> 63);
      case BSWAP -> byteSwap(s, i);
      case MOVBE -> moveSwapped(v, i);
      default -> conditional(v, i);
    }
  }

  /** With 16-bit operands AMD's CPUs load 32 bits from memory and use 16 of them. */
  private static void signExtendDoubleword(Vcpu v, Insn i) {
    if (i.width[1] == 2 && v.amd && i.kind[1] == OperandKind.MEMORY) {
      long loaded = GuestMemory.load(v, EffectiveAddress.linear(v, i, 4, false), 4);
      Operands.write(v, i, 0, loaded & 0xFFFF);
      return;
    }
    Operands.write(v, i, 0, Operands.readSigned(v, i, 1));
  }

  /** BSWAP of 16 bits is undefined; the row's policy is zero, as processors give. */
  private static void byteSwap(long s, Insn i) {
    int register = i.register[0];
    switch (i.width[0]) {
      case 2 -> State.setGpr(s, register, 2, 0);
      case 4 ->
          State.setGpr(
              s,
              register,
              4,
              Integer.toUnsignedLong(Integer.reverseBytes((int) State.gpr(s, register))));
      default -> State.setGpr(s, register, Long.reverseBytes(State.gpr(s, register)));
    }
  }

  private static void moveSwapped(Vcpu v, Insn i) {
    long value = Operands.read(v, i, 1);
    long swapped = Long.reverseBytes(value) >>> (64 - 8 * i.width[0]);
    Operands.write(v, i, 0, swapped);
  }

  private static void conditional(Vcpu v, Insn i) {
    boolean holds = Flags.condition(v.state, i.row.opcode & 15);
    if (i.row.opcode >= 0x90) { // SETcc
      Operands.write(v, i, 0, holds ? 1 : 0);
      return;
    }
    long value = Operands.read(v, i, 1); // read even if the condition fails: faults are taken
    if (holds) {
      Operands.write(v, i, 0, value);
    } else if (i.width[0] == 4) {
      State.setGpr(v.state, i.register[0], 4, State.gpr(v.state, i.register[0]));
    }
  }
}
