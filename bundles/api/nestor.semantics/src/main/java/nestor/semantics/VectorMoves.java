// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Horizontal;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Moves to, from and between vector registers. */
final class VectorMoves {
  private VectorMoves() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    switch (i.row.mnemonic) {
      case MOVSS, MOVSD, VMOVSS, VMOVSD -> scalar(v, i);
      case MOVD, MOVQ, VMOVD, VMOVQ -> general(v, i);
      case MOVLPS, MOVLPD, VMOVLPS, VMOVLPD -> low(v, i);
      case MOVHPS, MOVHPD, VMOVHPS, VMOVHPD, MOVLHPS, VMOVLHPS -> high(v, i);
      case MOVHLPS, VMOVHLPS -> {
        long source = State.vector(v.state, i.register[VectorForm.last(i)]);
        long a = VectorForm.first(v, i, VectorForm.last(i));
        put(v, i, Mem.getLong(source + 8), Mem.getLong(a + 8));
      }
      case MOVDDUP, VMOVDDUP -> duplicate(v, i);
      case MOVSLDUP, VMOVSLDUP -> duplicateSingles(v, i, 0);
      case MOVSHDUP, VMOVSHDUP -> duplicateSingles(v, i, 32);
      case MOVMSKPS, VMOVMSKPS -> mask(v, i, 4);
      case MOVMSKPD, VMOVMSKPD -> mask(v, i, 8);
      case PMOVMSKB, VPMOVMSKB -> mask(v, i, 1);
      case MASKMOVDQU, VMASKMOVDQU ->
          MaskedMemory.storeBytes(
              v, i, State.vector(v.state, i.register[0]), State.vector(v.state, i.register[1]), 16);
      default -> VectorOperands.write(v, i, VectorOperands.source(v, i, 1), i.row.element);
    }
  }

  /** Writes a 128-bit destination register. */
  private static void put(Vcpu v, Insn i, long low, long high) {
    long t = State.vector(v.state, i.register[0]);
    Mem.putLong(t, low);
    Mem.putLong(t + 8, high);
    VectorOperands.clearAbove(v, i, 0, 16);
  }

  /**
   * A load clears the rest of 128 bits; a move between registers keeps that of the first source.
   */
  private static void scalar(Vcpu v, Insn i) {
    int last = i.operandCount - 1;
    int size = i.width[last];
    if (i.opmask != 0) {
      maskedScalar(v, i, last, size);
      return;
    }
    long value = Mem.get(VectorOperands.source(v, i, last), size);
    if (i.kind[0] == OperandKind.MEMORY) {
      Operands.write(v, i, 0, value);
      return;
    }
    if (i.kind[last] == OperandKind.MEMORY) {
      put(v, i, value, 0);
      return;
    }
    long a = VectorForm.first(v, i, last);
    long rest = size == 4 ? Mem.getLong(a) & 0xFFFF_FFFF_0000_0000L : 0;
    put(v, i, value | rest, Mem.getLong(a + 8));
  }

  private static void maskedScalar(Vcpu v, Insn i, int last, int size) {
    boolean chosen = (Opmask.lanes(v, i) & 1) != 0;
    if (i.kind[0] == OperandKind.MEMORY) {
      if (chosen) {
        Operands.write(v, i, 0, Mem.get(VectorOperands.source(v, i, last), size));
      }
      return;
    }
    long value = chosen ? Mem.get(VectorOperands.source(v, i, last), size) : 0;
    if (i.kind[last] == OperandKind.MEMORY) {
      boolean kept = !chosen && !i.zeroing;
      put(v, i, kept ? Mem.get(State.vector(v.state, i.register[0]), size) : value, 0);
    } else {
      VectorOperands.writeScalar(v, i, VectorForm.first(v, i, last), value, size, chosen);
    }
  }

  private static void general(Vcpu v, Insn i) {
    long value =
        i.kind[1] == OperandKind.VECTOR
            ? Mem.getLong(State.vector(v.state, i.register[1]))
            : Operands.read(v, i, 1);
    if (i.kind[0] == OperandKind.VECTOR) {
      put(v, i, value, 0);
    } else {
      Operands.write(v, i, 0, value);
    }
  }

  private static void low(Vcpu v, Insn i) {
    if (i.kind[0] == OperandKind.MEMORY) {
      Operands.write(v, i, 0, Mem.getLong(State.vector(v.state, i.register[1])));
      return;
    }
    int last = i.operandCount - 1;
    long value = Operands.read(v, i, last);
    put(v, i, value, Mem.getLong(VectorForm.first(v, i, last) + 8));
  }

  private static void high(Vcpu v, Insn i) {
    if (i.kind[0] == OperandKind.MEMORY) {
      Operands.write(v, i, 0, Mem.getLong(State.vector(v.state, i.register[1]) + 8));
      return;
    }
    int last = i.operandCount - 1;
    long value = Mem.getLong(VectorOperands.source(v, i, last));
    put(v, i, Mem.getLong(VectorForm.first(v, i, last)), value);
  }

  private static void duplicate(Vcpu v, Insn i) {
    long b = VectorOperands.source(v, i, 1);
    long t = VectorForm.target(v, i);
    for (int k = 0; k < i.width[0]; k += 16) {
      long value = Mem.getLong(b + k);
      Mem.putLong(t + k, value);
      Mem.putLong(t + k + 8, value);
    }
    VectorForm.finish(v, i, t);
  }

  private static void duplicateSingles(Vcpu v, Insn i, int shift) {
    long b = VectorOperands.source(v, i, 1);
    long t = VectorForm.target(v, i);
    for (int k = 0; k < i.width[0]; k += 8) {
      long value = Mem.getLong(b + k) >>> shift & 0xFFFF_FFFFL;
      Mem.putLong(t + k, value | value << 32);
    }
    VectorForm.finish(v, i, t);
  }

  private static void mask(Vcpu v, Insn i, int size) {
    long source = State.vector(v.state, i.register[1]);
    State.setGpr(v.state, i.register[0], Horizontal.topBits(source, size, i.width[1]));
  }
}
