// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Horizontal;
import nestor.semantics.simd.Relocate;
import nestor.semantics.simd.Shuffle;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** AVX-512 instructions that move elements: permutes, inserts, compression, narrowing, masks. */
final class Avx512Permute {
  private Avx512Permute() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    switch (i.row.mnemonic) {
      case VPMOVB2M, VPMOVW2M, VPMOVD2M, VPMOVQ2M -> {
        int size = elementOfMask(i);
        long source = State.vector(v.state, i.register[1]);
        Opmask.set(v, i.register[0], Horizontal.topBits(source, size, i.vectorLength));
      }
      case VPMOVM2B, VPMOVM2W, VPMOVM2D, VPMOVM2Q -> {
        long t = State.vector(v.state, i.register[0]);
        Relocate.spread(t, Opmask.get(v, i.register[1]), elementOfMask(i), i.width[0]);
        VectorOperands.clearAbove(v, i, 0, i.width[0]);
      }
      case VPBROADCASTMB2Q -> broadcastMask(v, i, 0xFF, 8);
      case VPBROADCASTMW2D -> broadcastMask(v, i, 0xFFFF, 4);
      case VPCOMPRESSB, VPCOMPRESSW, VPCOMPRESSD, VPCOMPRESSQ, VCOMPRESSPS, VCOMPRESSPD ->
          compress(v, i);
      case VPEXPANDB, VPEXPANDW, VPEXPANDD, VPEXPANDQ, VEXPANDPS, VEXPANDPD -> expand(v, i);
      case VEXTRACTF32X4,
          VEXTRACTF64X2,
          VEXTRACTF32X8,
          VEXTRACTF64X4,
          VEXTRACTI32X4,
          VEXTRACTI64X2,
          VEXTRACTI32X8,
          VEXTRACTI64X4 -> {
        int block = i.width[0];
        int chosen = (int) i.imm & (i.vectorLength / block - 1);
        long from = State.vector(v.state, i.register[1]) + (long) chosen * block;
        VectorOperands.write(v, i, from, i.row.element);
      }
      default -> permute(v, i);
    }
  }

  private static void permute(Vcpu v, Insn i) {
    int size = i.row.element;
    int bytes = i.width[0];
    int last = VectorForm.last(i);
    long b = VectorOperands.source(v, i, last);
    // A narrowing store does not read its destination.
    long a = i.kind[0] == OperandKind.MEMORY ? b : VectorForm.first(v, i, last);
    long d = State.vector(v.state, i.register[0]);
    long t = VectorForm.result(v);
    switch (i.row.mnemonic) {
      case VPERMI2B, VPERMI2W, VPERMI2D, VPERMI2Q, VPERMI2PS, VPERMI2PD ->
          Relocate.twoTables(t, d, a, b, size, bytes);
      case VPERMT2B, VPERMT2W, VPERMT2D, VPERMT2Q, VPERMT2PS, VPERMT2PD ->
          Relocate.twoTables(t, a, d, b, size, bytes);
      case VALIGND, VALIGNQ -> Relocate.align(t, a, b, (int) i.imm, size, bytes);
      case VSHUFF32X4, VSHUFF64X2, VSHUFI32X4, VSHUFI64X2 ->
          Relocate.blocks(t, a, b, (int) i.imm, bytes);
      case VINSERTF32X4,
          VINSERTF64X2,
          VINSERTF32X8,
          VINSERTF64X4,
          VINSERTI32X4,
          VINSERTI64X2,
          VINSERTI32X8,
          VINSERTI64X4 -> {
        int block = i.width[2];
        int chosen = (int) i.imm & (bytes / block - 1);
        Mem.copy(a, t, bytes);
        Mem.copy(b, t + (long) chosen * block, block);
      }
      default -> {
        narrow(i, t, State.vector(v.state, i.register[1]));
      }
    }
    VectorOperands.write(v, i, t, size);
  }

  /** VPMOVWB and its kin, truncating or saturating. */
  private static void narrow(Insn i, long t, long a) {
    int to = i.row.element;
    int bytes = i.width[1];
    int from = to * bytes / i.width[0];
    switch (i.row.mnemonic) {
      case VPMOVWB, VPMOVDB, VPMOVDW, VPMOVQB, VPMOVQW, VPMOVQD ->
          Relocate.truncate(t, a, from, to, bytes);
      case VPMOVSWB, VPMOVSDB, VPMOVSDW, VPMOVSQB, VPMOVSQW, VPMOVSQD ->
          Relocate.saturateSigned(t, a, from, to, bytes);
      case VPMOVUSWB, VPMOVUSDB, VPMOVUSDW, VPMOVUSQB, VPMOVUSQW, VPMOVUSQD ->
          Relocate.saturateUnsigned(t, a, from, to, bytes);
      default -> throw new IllegalStateException(i.row + " is no permutation");
    }
  }

  private static int elementOfMask(Insn i) {
    return switch (i.row.mnemonic) {
      case VPMOVB2M, VPMOVM2B -> 1;
      case VPMOVW2M, VPMOVM2W -> 2;
      case VPMOVD2M, VPMOVM2D -> 4;
      default -> 8;
    };
  }

  private static void broadcastMask(Vcpu v, Insn i, long bits, int size) {
    long t = State.vector(v.state, i.register[0]);
    Shuffle.broadcast(t, Opmask.get(v, i.register[1]) & bits, size, i.width[0]);
    VectorOperands.clearAbove(v, i, 0, i.width[0]);
  }

  /** To memory only the chosen elements are written, side by side. */
  private static void compress(Vcpu v, Insn i) {
    int size = i.row.element;
    int bytes = i.width[0];
    long a = State.vector(v.state, i.register[1]);
    long t = VectorForm.result(v);
    int packed = Relocate.compress(t, a, Opmask.lanes(v, i), size, bytes / size);
    if (i.kind[0] == OperandKind.MEMORY) {
      if (packed > 0) {
        GuestMemory.storeBytes(v, EffectiveAddress.linear(v, i, packed, true), t, packed);
      }
      return;
    }
    long target = State.vector(v.state, i.register[0]);
    Mem.copy(t, target, packed);
    if (i.zeroing) {
      Mem.fill(target + packed, bytes - packed, (byte) 0);
    }
    VectorOperands.clearAbove(v, i, 0, bytes);
  }

  /** From memory only as many elements are read as are chosen. */
  private static void expand(Vcpu v, Insn i) {
    int size = i.row.element;
    int bytes = i.width[0];
    int count = bytes / size;
    long lanes = Opmask.lanes(v, i);
    long b;
    if (i.kind[1] == OperandKind.MEMORY) {
      b = State.scratch(v.state, 1);
      int needed = size * Long.bitCount(lanes & MaskedMemory.low(count));
      if (needed > 0) {
        GuestMemory.loadBytes(v, EffectiveAddress.linear(v, i, needed, false), b, needed);
      }
    } else {
      b = State.vector(v.state, i.register[1]);
    }
    long t = VectorForm.result(v);
    Relocate.expand(t, b, lanes, size, count);
    VectorOperands.write(v, i, t, size);
  }
}
