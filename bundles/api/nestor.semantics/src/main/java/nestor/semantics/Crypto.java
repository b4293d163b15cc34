// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.semantics.simd.Aes;
import nestor.semantics.simd.CarryLess;
import nestor.semantics.simd.Galois;
import nestor.semantics.simd.Sha;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** AES, SHA, carry-less multiplication and Galois-field instructions. */
final class Crypto {
  private Crypto() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    if (i.row.feature.equals("SHA") && !v.amd && i.kind[1] == OperandKind.MEMORY) {
      // AMD processors take SHA operands at any address; Intel's do not.
      EffectiveAddress.requireAligned(v, EffectiveAddress.linear(v, i, 16, false), 16);
    }
    int last = i.row.mnemonic == Mnemonic.SHA256RNDS2 ? 1 : VectorForm.last(i); // 2 is XMM0
    long b = VectorOperands.source(v, i, last);
    long a = VectorForm.first(v, i, last);
    long t = VectorForm.result(v);
    int imm = (int) i.imm;
    int bytes = i.width[0];
    switch (i.row.mnemonic) {
      case AESENC, VAESENC -> Aes.encrypt(t, a, b, false, bytes);
      case AESENCLAST, VAESENCLAST -> Aes.encrypt(t, a, b, true, bytes);
      case AESDEC, VAESDEC -> Aes.decrypt(t, a, b, false, bytes);
      case AESDECLAST, VAESDECLAST -> Aes.decrypt(t, a, b, true, bytes);
      case AESIMC, VAESIMC -> Aes.inverseMixColumns(t, b);
      case AESKEYGENASSIST, VAESKEYGENASSIST -> Aes.keyAssist(t, b, imm);
      case PCLMULQDQ, VPCLMULQDQ -> CarryLess.multiply(t, a, b, imm, bytes);
      case GF2P8MULB, VGF2P8MULB -> Galois.products(t, a, b, bytes);
      case GF2P8AFFINEQB, VGF2P8AFFINEQB -> Galois.affine(t, a, b, imm, false, bytes);
      case GF2P8AFFINEINVQB, VGF2P8AFFINEINVQB -> Galois.affine(t, a, b, imm, true, bytes);
      case SHA1RNDS4 -> Sha.sha1Rounds(t, a, b, imm);
      case SHA1NEXTE -> Sha.sha1NextE(t, a, b);
      case SHA1MSG1 -> Sha.sha1Message1(t, a, b);
      case SHA1MSG2 -> Sha.sha1Message2(t, a, b);
      case SHA256RNDS2 -> Sha.sha256Rounds(t, a, b, State.vector(v.state, 0));
      case SHA256MSG1 -> Sha.sha256Message1(t, a, b);
      case SHA256MSG2 -> Sha.sha256Message2(t, a, b);
      default -> throw v.undefined();
    }
    VectorOperands.write(v, i, t, i.row.element);
  }
}
