// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class F80Test {
  private static final long ONE = 1L << 63;
  private static final int BIAS = F80.BIAS;

  private final OperandSource source = new OperandSource(80);
  private final FpFlags f = new FpFlags();

  @Test
  void arithmeticRoundsToThePrecisionControl() {
    for (int i = 0; i < 700; i++) {
      long sigA = source.significand() | ONE;
      int seA = source.f80Exponent();
      long sigB = source.significand() | ONE;
      int seB = source.f80Exponent();
      int pc = source.below(3) + (i & 1) & 3;
      int env = FpEnv.ofFcw(0x3F | (pc == 1 ? 3 : pc) << 8 | source.below(4) << 10);
      Reference a = exact(sigA, seA);
      Reference b = exact(sigB, seB);

      F80.add(sigA, seA, sigB, seB, env, f);
      expect("add", i, a.plus(b), env);
      F80.sub(sigA, seA, sigB, seB, env, f);
      expect("sub", i, a.plus(exact(sigB, seB ^ 0x8000)), env);
      F80.mul(sigA, seA, sigB, seB, env, f);
      expect("mul", i, a.times(b), env);
      F80.div(sigA, seA, sigB, seB, env, f);
      expect("div", i, a.over(b), env);
      F80.sqrt(sigA, seA & 0x7FFF, env, f);
      expect("sqrt", i, exact(sigA, seA & 0x7FFF).root(), env);
    }
  }

  @Test
  void unmaskedUnderflowAndOverflowWrapTheExponent() {
    int env = FpEnv.ofFcw((0x3F & ~(FpFlags.OE | FpFlags.UE)) | 3 << 8);

    F80.mul(3L << 62, 0x7FFE, 3L << 62, BIAS + 1, env, f);
    assertThat(f.raised).isEqualTo(FpFlags.OE);
    assertThat(f.sig).isEqualTo(9L << 60);
    assertThat(f.se).isEqualTo(0x8000 - 24576);
    f.clear();
    F80.div(ONE, 1, ONE, BIAS + 3, env, f);
    assertThat(f.raised).isEqualTo(FpFlags.UE);
    assertThat(f.se).isEqualTo(1 - 3 + 24576);
  }

  @Test
  void unmaskedScalingBeyondTheWrappedRangeGivesInfinityOrZero() {
    int env = FpEnv.ofFcw((0x3F & ~(FpFlags.OE | FpFlags.UE)) | 3 << 8 | FpEnv.ZERO << 10);

    F80.scale(ONE, BIAS, ONE, BIAS + 16, env, f);
    assertThat(f.se).isEqualTo(0x7FFF);
    assertThat(f.raised).isEqualTo(FpFlags.OE | FpFlags.PE);
    assertThat(f.roundedUp).isTrue();
    f.clear();
    F80.scale(ONE, 0x8000 | BIAS, ONE, 0x8000 | BIAS + 16, env, f);
    assertThat(f.sig).isZero();
    assertThat(f.raised).isEqualTo(FpFlags.UE | FpFlags.PE);
    assertThat(f.roundedUp).isFalse();
  }

  @Test
  void unsupportedEncodingsAreInvalidOperands() {
    F80.add(1, BIAS, ONE, BIAS, FpEnv.DEFAULT, f);

    assertThat(f.raised).isEqualTo(FpFlags.IE);
    assertThat(f.sig).isEqualTo(0xC000_0000_0000_0000L);
    assertThat(f.se).isEqualTo(0xFFFF);
    assertThat(F80.classify(1, BIAS)).isZero();
    assertThat(F80.classify(ONE >>> 1, 0x7FFF)).isZero();
  }

  @Test
  void pseudoDenormalsRaiseDenormalAndCountAsNormal() {
    F80.add(ONE, 0, 0, 0, FpEnv.DEFAULT, f);

    assertThat(f.raised).isEqualTo(FpFlags.DE);
    assertThat(f.sig).isEqualTo(ONE);
    assertThat(f.se).isEqualTo(1);
  }

  @Test
  void ofTwoNansTheQuietOneThenTheLargerWins() {
    long quiet = 0xC000_0000_0000_0001L;
    long signalling = 0xBFFF_0000_0000_0000L;

    F80.mul(signalling, 0x7FFF, quiet, 0xFFFF, FpEnv.DEFAULT, f);
    assertThat(f.raised).isEqualTo(FpFlags.IE);
    assertThat(f.sig).isEqualTo(quiet);
    F80.mul(quiet, 0x7FFF, quiet + 1, 0xFFFF, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(quiet + 1);
    F80.mul(quiet, 0xFFFF, quiet, 0x7FFF, FpEnv.DEFAULT, f);
    assertThat(f.se).isEqualTo(0x7FFF);
  }

  @Test
  void aSignallingSingleOperandLosesToAQuietRegister() {
    F80Convert.widenF32(0x7F80_0001, f);
    F80.add(0xC000_0000_0000_0001L, 0x7FFF, f.sig, f.se, FpEnv.DEFAULT, f);

    assertThat(f.raised).isEqualTo(FpFlags.IE);
    assertThat(f.sig).isEqualTo(0xC000_0000_0000_0001L);
  }

  @Test
  void aDenormalSingleOperandRaisesDenormalOnce() {
    F80Convert.widenF32(1, f);
    F80.add(ONE, BIAS, f.sig, f.se, FpEnv.DEFAULT, f);
    assertThat(f.raised).isEqualTo(FpFlags.DE | FpFlags.PE);

    f.clear();
    F80.add(ONE, BIAS, ONE, BIAS, FpEnv.DEFAULT, f);
    assertThat(f.raised).isZero();
  }

  @Test
  void comparesAcrossSignsAndDenormals() {
    assertThat(F80.compare(ONE, BIAS, ONE, 0x8000 | BIAS, true, f)).isEqualTo(FpRelation.GREATER);
    assertThat(F80.compare(0, 0, 0, 0x8000, true, f)).isEqualTo(FpRelation.EQUAL);
    assertThat(F80.compare(0, 0x8000, ONE, BIAS, true, f)).isEqualTo(FpRelation.LESS);
    assertThat(f.raised).isZero();
    assertThat(F80.compare(1, 0, 2, 0, true, f)).isEqualTo(FpRelation.LESS);
    assertThat(f.raised).isEqualTo(FpFlags.DE);
  }

  @Test
  void scaleAndExtractAreInverse() {
    F80.extract(0xABCD_0000_0000_0000L, 0x8000 | BIAS - 77, f);
    F80.scale(f.sig2, f.se2, f.sig, f.se, FpEnv.DEFAULT, f);

    assertThat(f.sig).isEqualTo(0xABCD_0000_0000_0000L);
    assertThat(f.se).isEqualTo(0x8000 | BIAS - 77);
    assertThat(f.raised).isZero();
  }

  private static Reference exact(long sig, int se) {
    BigInteger significand = new BigInteger(Long.toUnsignedString(sig));
    return Reference.of((se & 0x8000) != 0, significand, (se & 0x7FFF) - BIAS - 63);
  }

  private void expect(String what, int round, Reference exact, int env) {
    int raised = f.raised;
    boolean up = f.roundedUp;
    f.clear();
    if (exact.isZero()) {
      assertThat(f.sig).isZero();
      assertThat(raised).isZero();
      return;
    }
    int precision = new int[] {24, 24, 53, 64}[env >> FpEnv.PC_SHIFT & 3];
    Reference.Rounded want =
        exact.round(new Reference.Format(precision, 16383), env & FpEnv.RC, false);
    Reference got = exact(f.sig, (f.se & 0x7FFF) == 0 ? f.se + 1 : f.se);
    if (want.significand() == null) {
      assertThat(f.se & 0x7FFF).as("%s in round %d", what, round).isEqualTo(0x7FFF);
      assertThat(f.sig).isEqualTo(ONE);
    } else {
      Reference wanted = Reference.of(want.negative(), want.significand(), want.exponent());
      assertThat(got.compareTo(wanted)).as("%s in round %d", what, round).isZero();
      boolean larger = got.magnitude().compareTo(exact.magnitude()) > 0;
      assertThat(up).as("C1 of %s in round %d", what, round).isEqualTo(larger);
    }
    assertThat(f.se >> 15 != 0).isEqualTo(want.negative());
    assertThat(raised).as("flags of %s in round %d", what, round).isEqualTo(want.flags());
  }
}
