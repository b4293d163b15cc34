// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Horizontal;
import nestor.semantics.simd.PackedOps;
import nestor.semantics.simd.PackedShift;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Instructions with an MMX register. They share the operations of the vector registers; what they
 * do to the x87 state is here (SDM vol. 3A, "Effects of MMX Instructions on x87 FPU Registers").
 */
final class MmxOps {
  private static final long TOP = 0x3800;
  private static final int ALL_VALID = 0xFF;

  private MmxOps() {}

  static void execute(Vcpu v, Insn i) {
    Mnemonic m = i.row.mnemonic;
    if (m == Mnemonic.MOVQ2DQ || m == Mnemonic.MOVDQ2Q) {
      Availability.vector(v, i);
    }
    Availability.mmx(v);
    switch (m) {
      case EMMS -> {
        enter(v);
        State.set(v.state, State.FTW, 0);
      }
      case MOVD, MOVQ, MOVNTQ -> move(v, i);
      case MOVQ2DQ -> {
        long t = State.vector(v.state, i.register[0]);
        Mem.putLong(t, Mem.getLong(State.st(v.state, i.register[1])));
        Mem.putLong(t + 8, 0);
        enter(v);
      }
      case MOVDQ2Q -> write(v, i, Mem.getLong(State.vector(v.state, i.register[1])));
      case MASKMOVQ -> {
        long s = v.state;
        enter(v); // even if the store faults
        MaskedMemory.storeBytes(v, i, State.st(s, i.register[0]), State.st(s, i.register[1]), 8);
      }
      case PMOVMSKB -> {
        long source = State.st(v.state, i.register[1]);
        State.setGpr(v.state, i.register[0], Horizontal.topBits(source, 1, 8));
        enter(v);
      }
      case PEXTRW -> {
        long element = State.st(v.state, i.register[1]) + 2 * (i.imm & 3);
        State.setGpr(v.state, i.register[0], Mem.get(element, 2));
        enter(v);
      }
      case PINSRW -> {
        int shift = (int) (i.imm & 3) * 16;
        long value = (Operands.read(v, i, 1) & 0xFFFF) << shift;
        long old = Mem.getLong(State.st(v.state, i.register[0]));
        write(v, i, old & ~(0xFFFFL << shift) | value);
      }
      default -> packed(v, i, m);
    }
  }

  private static void move(Vcpu v, Insn i) {
    long value =
        i.kind[1] == OperandKind.MMX
            ? Mem.getLong(State.st(v.state, i.register[1]))
            : Operands.read(v, i, 1);
    if (i.kind[0] == OperandKind.MMX) {
      write(v, i, value);
    } else {
      Operands.write(v, i, 0, value);
      enter(v);
    }
  }

  private static void packed(Vcpu v, Insn i, Mnemonic m) {
    if (PackedShift.shiftsByOneCount(m)) {
      boolean immediate = i.kind[1] == OperandKind.IMMEDIATE;
      long count = immediate ? i.imm : Mem.getLong(VectorOperands.source(v, i, 1));
      write(v, i, PackedShift.apply(m, Mem.getLong(State.st(v.state, i.register[0])), count));
      return;
    }
    long b = VectorOperands.source(v, i, 1);
    long a = State.st(v.state, i.register[0]);
    switch (m) {
      case PACKSSWB,
          PACKUSWB,
          PACKSSDW,
          PUNPCKLBW,
          PUNPCKLWD,
          PUNPCKLDQ,
          PUNPCKHBW,
          PUNPCKHWD,
          PUNPCKHDQ,
          PSHUFB,
          PSHUFW,
          PALIGNR,
          PHADDW,
          PHADDD,
          PHADDSW,
          PHSUBW,
          PHSUBD,
          PHSUBSW -> {
        long t = VectorForm.result(v);
        PackedShuffle.apply(i, t, a, b, 8);
        write(v, i, Mem.getLong(t));
      }
      default -> write(v, i, PackedOps.apply(m, Mem.getLong(a), Mem.getLong(b)));
    }
  }

  /** Writes the destination register: its exponent and sign become ones. */
  static void write(Vcpu v, Insn i, long value) {
    long t = State.st(v.state, i.register[0]);
    Mem.putLong(t, value);
    Mem.putShort(t + 8, (short) -1);
    enter(v);
  }

  /** The x87 state after any MMX instruction but EMMS: TOP 0, no register empty. */
  static void enter(Vcpu v) {
    long s = v.state;
    State.set(s, State.FSW, State.get(s, State.FSW) & ~TOP);
    State.set(s, State.FTW, ALL_VALID);
  }
}
