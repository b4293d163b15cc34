// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.RowHits;
import nestor.vcpu.Vcpu;

/** Executes decoded instructions: the way that is right for every row, if not the fastest. */
public final class Semantics {
  private Semantics() {}

  /**
   * Executes one instruction. {@code State.rip} is its address and {@code State.nextRip} the next;
   * a branch changes the latter.
   */
  public static void execute(Vcpu v, Insn i) {
    if (RowHits.ON) {
      RowHits.hit(i.row);
    }
    if (v.rendezvous != null && Locked.isLocked(i)) {
      Locked.execute(v, i);
    } else {
      plain(v, i);
    }
  }

  /** Executes an instruction as if no other vCPU ran at the same time. */
  static void plain(Vcpu v, Insn i) {
    switch (i.row.family) {
      case ALU -> Arithmetic.execute(v, i);
      case MOVES -> Moves.execute(v, i);
      case SHIFT_ROTATE -> ShiftRotate.execute(v, i);
      case BITS -> BitOps.execute(v, i);
      case MULTIPLY_DIVIDE -> MultiplyDivide.execute(v, i);
      case DECIMAL -> Decimal.execute(v, i);
      case STRINGS -> StringOps.execute(v, i);
      case BRANCHES -> Branches.execute(v, i);
      case STACK -> StackOps.execute(v, i);
      case ATOMIC -> Exchange.execute(v, i);
      case FLAG_OPS -> FlagOps.execute(v, i);
      case HINTS -> Hints.execute(v, i);
      case X87 -> X87.execute(v, i);
      case MMX -> MmxOps.execute(v, i);
      case SSE_MOVES -> VectorMoves.execute(v, i);
      case SSE_FLOAT, FMA, AVX512_FLOAT -> VectorFloat.execute(v, i);
      case SSE_CONVERT -> VectorConvert.execute(v, i);
      case SSE_INTEGER -> PackedInteger.execute(v, i);
      case SSE_SHUFFLE -> PackedShuffle.execute(v, i);
      case SSE_STRING -> StringVectors.execute(v, i);
      case CRYPTO -> Crypto.execute(v, i);
      case AVX_SPECIAL -> AvxSpecial.execute(v, i);
      case OPMASK -> OpmaskOps.execute(v, i);
      case AVX512_INTEGER -> Avx512Integer.execute(v, i);
      case AVX512_PERMUTE -> Avx512Permute.execute(v, i);
      case AVX512_MEMORY -> Avx512Memory.execute(v, i);
      case BFLOAT16 -> Bfloat16Ops.execute(v, i);
      case XSAVE_STATE -> SavedState.execute(v, i);
      case SEGMENTS,
          FAR_TRANSFERS,
          INTERRUPTS,
          CONTROL,
          DESCRIPTOR_TABLES,
          MSRS,
          PORTS,
          CACHE_TLB,
          IDENTIFICATION,
          POWER,
          VMX,
          SVM ->
          v.system.execute(i);
      default -> throw v.undefined();
    }
  }
}
