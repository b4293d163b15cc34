// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.semantics.simd.PackedCompare;
import nestor.semantics.simd.PackedTernary;
import nestor.semantics.simd.Searches;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Integer arithmetic, logic and comparisons that came with AVX-512. */
final class Avx512Integer {
  private Avx512Integer() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    int last = VectorForm.last(i);
    long b = VectorOperands.source(v, i, last);
    long a = VectorForm.first(v, i, last);
    long t = VectorForm.result(v);
    int size = i.row.element;
    switch (i.row.mnemonic) {
      case VPCMPB, VPCMPW, VPCMPD, VPCMPQ -> compare(v, i, t, a, b, false);
      case VPCMPUB, VPCMPUW, VPCMPUD, VPCMPUQ -> compare(v, i, t, a, b, true);
      case VPTESTMB, VPTESTMW, VPTESTMD, VPTESTMQ -> test(v, i, t, a, b, false);
      case VPTESTNMB, VPTESTNMW, VPTESTNMD, VPTESTNMQ -> test(v, i, t, a, b, true);
      case VPSHUFBITQMB ->
          Opmask.set(
              v, i.register[0], Searches.chosenBits(a, b, i.vectorLength) & Opmask.lanes(v, i));
      case VP2INTERSECTD -> intersect(v, i, a, b, 4);
      case VP2INTERSECTQ -> intersect(v, i, a, b, 8);
      case VPCONFLICTD, VPCONFLICTQ -> {
        Searches.conflicts(t, b, size, i.width[0]);
        VectorOperands.write(v, i, t, size);
      }
      case VDBPSADBW -> {
        Searches.blockDifferences(t, a, b, (int) i.imm, i.width[0]);
        VectorOperands.write(v, i, t, size);
      }
      case VPBLENDMB, VPBLENDMW, VPBLENDMD, VPBLENDMQ, VBLENDMPS, VBLENDMPD ->
          blend(v, i, t, a, b, size);
      default -> laneByLane(v, i, t, a, b, size);
    }
  }

  private static void laneByLane(Vcpu v, Insn i, long t, long a, long b, int size) {
    Mnemonic m = i.row.mnemonic;
    long d = State.vector(v.state, i.register[0]);
    int imm = (int) i.imm;
    for (int k = 0; k < i.width[0]; k += 8) {
      long r =
          PackedTernary.apply(m, Mem.getLong(d + k), Mem.getLong(a + k), Mem.getLong(b + k), imm);
      Mem.putLong(t + k, r);
    }
    VectorOperands.write(v, i, t, size);
  }

  private static void compare(Vcpu v, Insn i, long t, long a, long b, boolean unsigned) {
    int size = i.row.element;
    long top = PackedCompare.top(size);
    int predicate = (int) i.imm & 7;
    for (int k = 0; k < i.vectorLength; k += 8) {
      long r =
          PackedCompare.compare(Mem.getLong(a + k), Mem.getLong(b + k), predicate, unsigned, top);
      Mem.putLong(t + k, r);
    }
    Opmask.writeTopBits(v, i, t, size, i.vectorLength);
  }

  private static void test(Vcpu v, Insn i, long t, long a, long b, boolean none) {
    int size = i.row.element;
    long top = PackedCompare.top(size);
    for (int k = 0; k < i.vectorLength; k += 8) {
      Mem.putLong(t + k, PackedCompare.test(Mem.getLong(a + k), Mem.getLong(b + k), none, top));
    }
    Opmask.writeTopBits(v, i, t, size, i.vectorLength);
  }

  /** Both opmasks of an even-odd pair are written. */
  private static void intersect(Vcpu v, Insn i, long a, long b, int size) {
    int even = i.register[0] & ~1;
    Opmask.set(v, even, Searches.found(a, b, size, i.vectorLength));
    Opmask.set(v, even + 1, Searches.found(b, a, size, i.vectorLength));
  }

  /** Elements of the second source where the mask is set; else of the first, or zeros. */
  private static void blend(Vcpu v, Insn i, long t, long a, long b, int size) {
    long lanes = Opmask.lanes(v, i);
    for (int k = 0; k < i.width[0] / size; k++) {
      long at = (long) k * size;
      boolean second = (lanes >>> k & 1) != 0;
      Mem.put(t + at, size, second ? Mem.get(b + at, size) : i.zeroing ? 0 : Mem.get(a + at, size));
    }
    VectorOperands.write(v, i, 0, t);
  }
}
