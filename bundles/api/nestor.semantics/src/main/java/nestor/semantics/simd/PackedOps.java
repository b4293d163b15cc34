// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import static nestor.semantics.simd.Swar.B;
import static nestor.semantics.simd.Swar.D;
import static nestor.semantics.simd.Swar.Q;
import static nestor.semantics.simd.Swar.W;

import nestor.isa.Mnemonic;

/** The packed operations on two sources whose lanes stay within 64 bits, by mnemonic. */
public final class PackedOps {
  private PackedOps() {}

  /** {@return the result of {@code m} for 64 bits of its sources; operations on one take b} */
  public static long apply(Mnemonic m, long a, long b) {
    return switch (m) {
      case PAND, VPAND, VPANDD, VPANDQ, ANDPS, ANDPD, VANDPS, VANDPD -> a & b;
      case PANDN, VPANDN, VPANDND, VPANDNQ, ANDNPS, ANDNPD, VANDNPS, VANDNPD -> ~a & b;
      case POR, VPOR, VPORD, VPORQ, ORPS, ORPD, VORPS, VORPD -> a | b;
      case PXOR, VPXOR, VPXORD, VPXORQ, XORPS, XORPD, VXORPS, VXORPD -> a ^ b;
      case PADDB, VPADDB -> Swar.add(a, b, B);
      case PADDW, VPADDW -> Swar.add(a, b, W);
      case PADDD, VPADDD -> Swar.add(a, b, D);
      case PADDQ, VPADDQ -> a + b;
      case PSUBB, VPSUBB -> Swar.sub(a, b, B);
      case PSUBW, VPSUBW -> Swar.sub(a, b, W);
      case PSUBD, VPSUBD -> Swar.sub(a, b, D);
      case PSUBQ, VPSUBQ -> a - b;
      case PCMPEQB, VPCMPEQB -> Swar.equal(a, b, B);
      case PCMPEQW, VPCMPEQW -> Swar.equal(a, b, W);
      case PCMPEQD, VPCMPEQD -> Swar.equal(a, b, D);
      case PCMPEQQ, VPCMPEQQ -> a == b ? -1 : 0;
      case PCMPGTB, VPCMPGTB -> Swar.greater(a, b, B);
      case PCMPGTW, VPCMPGTW -> Swar.greater(a, b, W);
      case PCMPGTD, VPCMPGTD -> Swar.greater(a, b, D);
      case PCMPGTQ, VPCMPGTQ -> a > b ? -1 : 0;
      default -> limited(m, a, b);
    };
  }

  private static long limited(Mnemonic m, long a, long b) {
    return switch (m) {
      case PMINUB, VPMINUB -> Swar.minUnsigned(a, b, B);
      case PMINUW, VPMINUW -> Swar.minUnsigned(a, b, W);
      case PMINUD, VPMINUD -> Swar.minUnsigned(a, b, D);
      case VPMINUQ -> Swar.minUnsigned(a, b, Q);
      case PMAXUB, VPMAXUB -> Swar.maxUnsigned(a, b, B);
      case PMAXUW, VPMAXUW -> Swar.maxUnsigned(a, b, W);
      case PMAXUD, VPMAXUD -> Swar.maxUnsigned(a, b, D);
      case VPMAXUQ -> Swar.maxUnsigned(a, b, Q);
      case PMINSB, VPMINSB -> Swar.minSigned(a, b, B);
      case PMINSW, VPMINSW -> Swar.minSigned(a, b, W);
      case PMINSD, VPMINSD -> Swar.minSigned(a, b, D);
      case VPMINSQ -> Math.min(a, b);
      case PMAXSB, VPMAXSB -> Swar.maxSigned(a, b, B);
      case PMAXSW, VPMAXSW -> Swar.maxSigned(a, b, W);
      case PMAXSD, VPMAXSD -> Swar.maxSigned(a, b, D);
      case VPMAXSQ -> Math.max(a, b);
      case PADDUSB, VPADDUSB -> Swar.addUnsignedSaturated(a, b, B);
      case PADDUSW, VPADDUSW -> Swar.addUnsignedSaturated(a, b, W);
      case PADDSB, VPADDSB -> Swar.addSignedSaturated(a, b, B);
      case PADDSW, VPADDSW -> Swar.addSignedSaturated(a, b, W);
      case PSUBUSB, VPSUBUSB -> Swar.subUnsignedSaturated(a, b, B);
      case PSUBUSW, VPSUBUSW -> Swar.subUnsignedSaturated(a, b, W);
      case PSUBSB, VPSUBSB -> Swar.subSignedSaturated(a, b, B);
      case PSUBSW, VPSUBSW -> Swar.subSignedSaturated(a, b, W);
      case PAVGB, VPAVGB -> Swar.average(a, b, B);
      case PAVGW, VPAVGW -> Swar.average(a, b, W);
      case PABSB, VPABSB -> Swar.absolute(b, B);
      case PABSW, VPABSW -> Swar.absolute(b, W);
      case PABSD, VPABSD -> Swar.absolute(b, D);
      case VPABSQ -> Math.abs(b);
      case PSIGNB, VPSIGNB -> Swar.sign(a, b, B);
      case PSIGNW, VPSIGNW -> Swar.sign(a, b, W);
      case PSIGND, VPSIGND -> Swar.sign(a, b, D);
      default -> multiplied(m, a, b);
    };
  }

  private static long multiplied(Mnemonic m, long a, long b) {
    return switch (m) {
      case PMULLW, VPMULLW -> PackedMultiply.lowWords(a, b);
      case PMULHW, VPMULHW -> PackedMultiply.highWords(a, b);
      case PMULHUW, VPMULHUW -> PackedMultiply.highUnsignedWords(a, b);
      case PMULHRSW, VPMULHRSW -> PackedMultiply.highRoundedWords(a, b);
      case PMULLD, VPMULLD -> PackedMultiply.lowDoublewords(a, b);
      case VPMULLQ -> a * b;
      case PMULDQ, VPMULDQ -> PackedMultiply.wideSigned(a, b);
      case PMULUDQ, VPMULUDQ -> PackedMultiply.wideUnsigned(a, b);
      case PMADDWD, VPMADDWD -> PackedMultiply.addWordProducts(a, b);
      case PMADDUBSW, VPMADDUBSW -> PackedMultiply.addByteProducts(a, b);
      case PSADBW, VPSADBW -> PackedMultiply.sumOfDifferences(a, b);
      case VPSLLVD -> PackedShift.leftEach(a, b);
      case VPSLLVQ -> PackedShift.left(a, b, Q);
      case VPSRLVD -> PackedShift.rightEach(a, b);
      case VPSRLVQ -> PackedShift.right(a, b, Q);
      case VPSRAVD -> PackedShift.arithmeticEach(a, b);
      case VPSRAVQ -> PackedShift.arithmetic(a, b, Q);
      case VPSLLVW -> PackedRotate.words(a, b, true, false);
      case VPSRLVW -> PackedRotate.words(a, b, false, false);
      case VPSRAVW -> PackedRotate.words(a, b, false, true);
      case VPROLVD -> PackedRotate.leftEach(a, b);
      case VPROLVQ -> Long.rotateLeft(a, (int) b);
      case VPRORVD -> PackedRotate.rightEach(a, b);
      case VPRORVQ -> Long.rotateRight(a, (int) b);
      default -> throw new IllegalStateException(m + " is no packed operation on 64 bits");
    };
  }
}
