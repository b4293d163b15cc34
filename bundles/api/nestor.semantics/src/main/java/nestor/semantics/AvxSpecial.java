// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Horizontal;
import nestor.semantics.simd.Shuffle;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * What came with AVX and AVX2 alone: broadcasts, 128-bit halves, masked moves, gathers; and the
 * broadcasts of AVX-512.
 */
final class AvxSpecial {
  private AvxSpecial() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    switch (i.row.mnemonic) {
      case VZEROALL -> zero(v, 0);
      case VZEROUPPER -> zero(v, 16);
      case VPBROADCASTB -> broadcast(v, i, 1);
      case VPBROADCASTW -> broadcast(v, i, 2);
      case VPBROADCASTD, VBROADCASTSS -> broadcast(v, i, 4);
      case VPBROADCASTQ, VBROADCASTSD, VBROADCASTF32X2, VBROADCASTI32X2 -> broadcast(v, i, 8);
      case VBROADCASTF128,
          VBROADCASTI128,
          VBROADCASTF32X4,
          VBROADCASTF64X2,
          VBROADCASTI32X4,
          VBROADCASTI64X2 ->
          broadcast(v, i, 16);
      case VBROADCASTF32X8, VBROADCASTF64X4, VBROADCASTI32X8, VBROADCASTI64X4 ->
          broadcast(v, i, 32);
      case VPERM2F128, VPERM2I128 -> {
        long b = VectorOperands.source(v, i, 2);
        long t = VectorForm.result(v);
        Shuffle.halves(t, VectorOperands.source(v, i, 1), b, (int) i.imm);
        VectorOperands.write(v, i, 0, t);
      }
      case VINSERTF128, VINSERTI128 -> {
        long b = VectorOperands.source(v, i, 2);
        long a = VectorOperands.source(v, i, 1);
        boolean upper = (i.imm & 1) != 0;
        put128(v, i, upper ? a : b, upper ? b : a + 16);
      }
      case VEXTRACTF128, VEXTRACTI128 ->
          VectorOperands.write(v, i, 0, State.vector(v.state, i.register[1]) + 16L * (i.imm & 1));
      case VMASKMOVPS, VPMASKMOVD -> maskedMove(v, i, 4);
      case VMASKMOVPD, VPMASKMOVQ -> maskedMove(v, i, 8);
      case VPGATHERDD, VGATHERDPS -> MaskedMemory.gather(v, i, 4, 4);
      case VPGATHERDQ, VGATHERDPD -> MaskedMemory.gather(v, i, 4, 8);
      case VPGATHERQD, VGATHERQPS -> MaskedMemory.gather(v, i, 8, 4);
      case VPGATHERQQ, VGATHERQPD -> MaskedMemory.gather(v, i, 8, 8);
      default -> throw v.undefined();
    }
  }

  /** Clears vector registers above {@code kept} bytes; outside 64-bit mode there are eight. */
  private static void zero(Vcpu v, int kept) {
    int registers = State.mode64(v.state) ? 16 : 8;
    for (int n = 0; n < registers; n++) {
      Mem.fill(State.vector(v.state, n) + kept, 64 - kept, (byte) 0);
    }
  }

  private static void broadcast(Vcpu v, Insn i, int size) {
    int bytes = i.width[0];
    long t = VectorForm.target(v, i);
    if (i.kind[1] == OperandKind.GPR) {
      Shuffle.broadcast(t, Operands.read(v, i, 1), size, bytes);
    } else if (i.opmask != 0 && i.kind[1] == OperandKind.MEMORY) {
      int element = i.row.element;
      long block = State.scratch(v.state, 1);
      MaskedMemory.load(v, i, block, needed(v, i, size / element), element, size / element);
      Shuffle.repeat(t, block, size, bytes);
    } else {
      Shuffle.repeat(t, VectorOperands.source(v, i, 1), size, bytes);
    }
    VectorForm.finish(v, i, t);
  }

  /** Which elements of a block the opmask chooses in any of its copies; only they are read. */
  private static long needed(Vcpu v, Insn i, int count) {
    int all = i.width[0] / i.row.element;
    long lanes = Opmask.lanes(v, i) & MaskedMemory.low(all);
    for (int n = count; n < all; n *= 2) {
      lanes |= lanes >>> n;
    }
    return lanes & MaskedMemory.low(count);
  }

  /** Writes two 128-bit halves, which may come from the destination itself. */
  private static void put128(Vcpu v, Insn i, long low, long high) {
    long t = VectorForm.result(v);
    Mem.copy(low, t, 16);
    Mem.copy(high, t + 16, 16);
    VectorOperands.write(v, i, 0, t);
  }

  private static void maskedMove(Vcpu v, Insn i, int size) {
    int bytes = i.width[0];
    long lanes = Horizontal.topBits(State.vector(v.state, i.register[1]), size, bytes);
    if (i.kind[0] == OperandKind.MEMORY) {
      long from = State.vector(v.state, i.register[2]);
      MaskedMemory.store(v, i, EffectiveAddress.of(v, i), from, lanes, size);
      return;
    }
    long t = VectorForm.result(v);
    MaskedMemory.load(v, i, t, lanes, size, bytes / size);
    VectorOperands.write(v, i, 0, t);
  }
}
