// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Horizontal;
import nestor.semantics.simd.Pack;
import nestor.semantics.simd.Shuffle;
import nestor.semantics.simd.Swar;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Packed operations that move data between elements: pack, unpack, shuffle, blend, insert. */
final class PackedShuffle {
  private PackedShuffle() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    switch (i.row.mnemonic) {
      case PEXTRB, VPEXTRB -> extract(v, i, 1);
      case PEXTRW, VPEXTRW -> extract(v, i, 2);
      case PEXTRD, VPEXTRD, EXTRACTPS, VEXTRACTPS -> extract(v, i, 4);
      case PEXTRQ, VPEXTRQ -> extract(v, i, 8);
      case PINSRB, VPINSRB -> insert(v, i, 1);
      case PINSRW, VPINSRW -> insert(v, i, 2);
      case PINSRD, VPINSRD -> insert(v, i, 4);
      case PINSRQ, VPINSRQ -> insert(v, i, 8);
      case INSERTPS, VINSERTPS -> insertSingle(v, i);
      case PBLENDVB, BLENDVPS, BLENDVPD, VPBLENDVB, VBLENDVPS, VBLENDVPD -> blendByMask(v, i);
      default -> {
        int last = VectorForm.last(i);
        long b = VectorOperands.source(v, i, last);
        long a = VectorForm.first(v, i, last);
        long t = VectorForm.result(v);
        apply(i, t, a, b, i.width[0]);
        VectorOperands.write(v, i, t, i.row.element);
      }
    }
  }

  /** Computes {@code bytes} bytes of the result; 8 are an MMX operation. */
  static void apply(Insn i, long t, long a, long b, int bytes) {
    int imm = (int) i.imm;
    switch (i.row.mnemonic) {
      case PACKSSWB, VPACKSSWB -> Pack.words(t, a, b, Byte.MIN_VALUE, Byte.MAX_VALUE, bytes);
      case PACKUSWB, VPACKUSWB -> Pack.words(t, a, b, 0, 0xFF, bytes);
      case PACKSSDW, VPACKSSDW ->
          Pack.doublewords(t, a, b, Short.MIN_VALUE, Short.MAX_VALUE, bytes);
      case PACKUSDW, VPACKUSDW -> Pack.doublewords(t, a, b, 0, 0xFFFF, bytes);
      case PUNPCKLBW, VPUNPCKLBW -> Pack.interleave(t, a, b, 1, false, bytes);
      case PUNPCKLWD, VPUNPCKLWD -> Pack.interleave(t, a, b, 2, false, bytes);
      case PUNPCKLDQ, VPUNPCKLDQ, UNPCKLPS, VUNPCKLPS -> Pack.interleave(t, a, b, 4, false, bytes);
      case PUNPCKLQDQ, VPUNPCKLQDQ, UNPCKLPD, VUNPCKLPD ->
          Pack.interleave(t, a, b, 8, false, bytes);
      case PUNPCKHBW, VPUNPCKHBW -> Pack.interleave(t, a, b, 1, true, bytes);
      case PUNPCKHWD, VPUNPCKHWD -> Pack.interleave(t, a, b, 2, true, bytes);
      case PUNPCKHDQ, VPUNPCKHDQ, UNPCKHPS, VUNPCKHPS -> Pack.interleave(t, a, b, 4, true, bytes);
      case PUNPCKHQDQ, VPUNPCKHQDQ, UNPCKHPD, VUNPCKHPD -> Pack.interleave(t, a, b, 8, true, bytes);
      case PSHUFB, VPSHUFB -> Shuffle.bytes(t, a, b, bytes);
      case PSHUFD, VPSHUFD -> Shuffle.doublewords(t, b, imm, bytes);
      case PSHUFLW, VPSHUFLW, PSHUFW -> Shuffle.halfWords(t, b, imm, false, bytes);
      case PSHUFHW, VPSHUFHW -> Shuffle.halfWords(t, b, imm, true, bytes);
      case SHUFPS, VSHUFPS -> Shuffle.singles(t, a, b, imm, bytes);
      case SHUFPD, VSHUFPD -> Shuffle.doubles(t, a, b, imm, bytes);
      case PALIGNR, VPALIGNR -> Shuffle.align(t, a, b, imm, bytes);
      case PSLLDQ, VPSLLDQ -> Shuffle.shiftBytes(t, b, imm, bytes);
      case PSRLDQ, VPSRLDQ -> Shuffle.shiftBytes(t, b, -imm, bytes);
      case BLENDPS, VBLENDPS, VPBLENDD -> Shuffle.blend(t, a, b, 4, imm, bytes);
      case BLENDPD, VBLENDPD -> Shuffle.blend(t, a, b, 8, imm, bytes);
      case PBLENDW, VPBLENDW -> Shuffle.blend(t, a, b, 2, imm * 0x101, bytes);
      default -> rare(i, t, a, b, imm, bytes);
    }
  }

  private static void rare(Insn i, long t, long a, long b, int imm, int bytes) {
    switch (i.row.mnemonic) {
      case PHADDW, VPHADDW -> Horizontal.words(t, a, b, 1, false, bytes);
      case PHADDSW, VPHADDSW -> Horizontal.words(t, a, b, 1, true, bytes);
      case PHSUBW, VPHSUBW -> Horizontal.words(t, a, b, -1, false, bytes);
      case PHSUBSW, VPHSUBSW -> Horizontal.words(t, a, b, -1, true, bytes);
      case PHADDD, VPHADDD -> Horizontal.doublewords(t, a, b, 1, bytes);
      case PHSUBD, VPHSUBD -> Horizontal.doublewords(t, a, b, -1, bytes);
      case MPSADBW, VMPSADBW -> Horizontal.slidingDifferences(t, a, b, imm, bytes);
      case PHMINPOSUW, VPHMINPOSUW -> Horizontal.minimumPosition(t, b);
      case VPERMILPS -> {
        if (i.kind[2] == OperandKind.IMMEDIATE) {
          Shuffle.doublewords(t, b, imm, bytes);
        } else {
          Shuffle.doublewordsBy(t, a, b, bytes);
        }
      }
      case VPERMILPD -> {
        if (i.kind[2] == OperandKind.IMMEDIATE) {
          Shuffle.quadwords(t, b, imm, bytes);
        } else {
          Shuffle.quadwordsBy(t, a, b, bytes);
        }
      }
      case VPERMB -> Shuffle.anywhere(t, a, b, 1, bytes);
      case VPERMW -> Shuffle.anywhere(t, a, b, 2, bytes);
      case VPERMD, VPERMPS -> Shuffle.anywhere(t, a, b, 4, bytes);
      case VPERMQ, VPERMPD -> {
        if (i.kind[2] == OperandKind.IMMEDIATE) {
          Shuffle.quadwordsAnywhere(t, b, imm, bytes);
        } else {
          Shuffle.anywhere(t, a, b, 8, bytes);
        }
      }
      case PMOVSXBW, VPMOVSXBW -> Pack.extend(t, b, 1, 2, true, bytes);
      case PMOVSXBD, VPMOVSXBD -> Pack.extend(t, b, 1, 4, true, bytes);
      case PMOVSXBQ, VPMOVSXBQ -> Pack.extend(t, b, 1, 8, true, bytes);
      case PMOVSXWD, VPMOVSXWD -> Pack.extend(t, b, 2, 4, true, bytes);
      case PMOVSXWQ, VPMOVSXWQ -> Pack.extend(t, b, 2, 8, true, bytes);
      case PMOVSXDQ, VPMOVSXDQ -> Pack.extend(t, b, 4, 8, true, bytes);
      case PMOVZXBW, VPMOVZXBW -> Pack.extend(t, b, 1, 2, false, bytes);
      case PMOVZXBD, VPMOVZXBD -> Pack.extend(t, b, 1, 4, false, bytes);
      case PMOVZXBQ, VPMOVZXBQ -> Pack.extend(t, b, 1, 8, false, bytes);
      case PMOVZXWD, VPMOVZXWD -> Pack.extend(t, b, 2, 4, false, bytes);
      case PMOVZXWQ, VPMOVZXWQ -> Pack.extend(t, b, 2, 8, false, bytes);
      case PMOVZXDQ, VPMOVZXDQ -> Pack.extend(t, b, 4, 8, false, bytes);
      default -> throw new IllegalStateException(i.row + " is no shuffle");
    }
  }

  /**
   * A register destination of any width is zero-extended; the table gives it four bytes or eight.
   */
  private static void extract(Vcpu v, Insn i, int size) {
    long element = State.vector(v.state, i.register[1]) + (((int) i.imm * size) & 15);
    Operands.write(v, i, 0, Mem.get(element, size));
  }

  private static void insert(Vcpu v, Insn i, int size) {
    int last = i.operandCount - 2;
    long value = Operands.read(v, i, last);
    long a = VectorForm.first(v, i, last);
    long t = State.vector(v.state, i.register[0]);
    copy16(a, t);
    Mem.put(t + (((int) i.imm * size) & 15), size, value);
    VectorOperands.clearAbove(v, i, 0, 16);
  }

  private static void copy16(long from, long to) {
    long low = Mem.getLong(from);
    long high = Mem.getLong(from + 8);
    Mem.putLong(to, low);
    Mem.putLong(to + 8, high);
  }

  /** INSERTPS: source element (registers only), destination element, and a mask of zeros. */
  private static void insertSingle(Vcpu v, Insn i) {
    int last = i.operandCount - 2;
    int imm = (int) i.imm;
    long b = VectorOperands.source(v, i, last);
    int value = Mem.getInt(i.kind[last] == OperandKind.MEMORY ? b : b + (imm >> 4 & 12));
    long a = VectorForm.first(v, i, last);
    long t = State.vector(v.state, i.register[0]);
    copy16(a, t);
    Mem.putInt(t + (imm >> 2 & 12), value);
    for (int k = 0; k < 16; k += 4) {
      if ((imm >> (k >> 2) & 1) != 0) {
        Mem.putInt(t + k, 0);
      }
    }
    VectorOperands.clearAbove(v, i, 0, 16);
  }

  /** The mask is XMM0 in legacy forms and the fourth operand in VEX forms. */
  private static void blendByMask(Vcpu v, Insn i) {
    Mnemonic m = i.row.mnemonic;
    long top =
        switch (m) {
          case PBLENDVB, VPBLENDVB -> Swar.B;
          case BLENDVPS, VBLENDVPS -> Swar.D;
          default -> Swar.Q;
        };
    int maskOperand = i.operandCount - 1;
    long b = VectorOperands.source(v, i, maskOperand - 1);
    long a = VectorOperands.source(v, i, maskOperand - 2);
    long mask = VectorOperands.source(v, i, maskOperand);
    long t = VectorForm.result(v);
    Shuffle.blendBy(t, a, b, mask, top, i.width[0]);
    VectorOperands.write(v, i, 0, t);
  }
}
