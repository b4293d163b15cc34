// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class F32Test {
  private static final int ROUNDS = 5_000;

  private final OperandSource source = new OperandSource(32L);
  private final FpFlags f = new FpFlags();

  @Test
  void arithmeticRoundsAndFlagsLikeExactFractions() {
    for (int i = 0; i < ROUNDS; i++) {
      int a = source.f32();
      int b = source.f32();
      int rc = source.below(4);
      Reference x = Reference.of(Float.intBitsToFloat(a));
      Reference y = Reference.of(Float.intBitsToFloat(b));
      int denormals = denormal(a) | denormal(b);

      for (int ftz = 0; ftz <= FpEnv.FTZ; ftz += FpEnv.FTZ) {
        int env = FpEnv.DEFAULT | rc | ftz;
        expect("add", a, b, F32.add(a, b, env, f), x.plus(y), env, denormals);
        expect(
            "sub",
            a,
            b,
            F32.sub(a, b, env, f),
            x.plus(Reference.of(-Float.intBitsToFloat(b))),
            env,
            denormals);
        expect("mul", a, b, F32.mul(a, b, env, f), x.times(y), env, denormals);
        if (!y.isZero()) {
          expect("div", a, b, F32.div(a, b, env, f), x.over(y), env, denormals);
        }
      }
    }
  }

  @Test
  void fusedMultiplyAddRoundsOnce() {
    for (int i = 0; i < ROUNDS; i++) {
      int a = source.f32();
      int b = source.f32();
      int c =
          source.below(3) == 0
              ? Float.floatToRawIntBits(-Float.intBitsToFloat(a) * Float.intBitsToFloat(b))
                  + source.below(3)
                  - 1
              : source.f32();
      if (!Float.isFinite(Float.intBitsToFloat(c))) {
        continue;
      }
      int env = FpEnv.DEFAULT | source.below(4);
      Reference product =
          Reference.of(Float.intBitsToFloat(a)).times(Reference.of(Float.intBitsToFloat(b)));
      int denormals = denormal(a) | denormal(b) | denormal(c);

      expect(
          "fma",
          a,
          b,
          F32.fma(a, b, c, 0, env, f),
          product.plus(Reference.of(Float.intBitsToFloat(c))),
          env,
          denormals);
      expect(
          "fms",
          a,
          b,
          F32.fma(a, b, c, 2, env, f),
          product.plus(Reference.of(-Float.intBitsToFloat(c))),
          env,
          denormals);
    }
  }

  @Test
  void rootsAreRoundedCorrectly() {
    for (int i = 0; i < 2000; i++) {
      int a = source.f32() & Integer.MAX_VALUE;
      if (source.below(4) == 0) {
        float root = (float) (int) source.bits();
        a = Float.floatToRawIntBits(root * root);
      }
      int env = FpEnv.DEFAULT | source.below(4);

      expect(
          "sqrt",
          a,
          a,
          F32.sqrt(a, env, f),
          Reference.of(Float.intBitsToFloat(a)).root(),
          env,
          denormal(a));
    }
  }

  @Test
  void nanResultsFollowTheFirstOperand() {
    int quiet = 0x7FC0_1234;
    int signalling = 0xFF80_0001;
    int one = Float.floatToRawIntBits(1);
    int env = FpEnv.DEFAULT;

    assertThat(F32.add(quiet, signalling, env, f)).isEqualTo(quiet);
    assertThat(flags()).isEqualTo(FpFlags.IE);
    assertThat(F32.mul(one, quiet, env, f)).isEqualTo(quiet);
    assertThat(flags()).isZero();
    assertThat(F32.sub(one, signalling, env, f)).isEqualTo(signalling | 1 << 22);
    assertThat(flags()).isEqualTo(FpFlags.IE);
    assertThat(F32.min(quiet, one, env, f)).isEqualTo(one);
    assertThat(flags()).isEqualTo(FpFlags.IE);
  }

  @Test
  void denormalsAreZerosUnderDaz() {
    int denormal = Integer.MIN_VALUE | 5;
    int one = Float.floatToRawIntBits(1);

    assertThat(F32.add(denormal, one, FpEnv.DEFAULT | FpEnv.DAZ, f)).isEqualTo(one);
    assertThat(flags()).isZero();
    assertThat(F32.div(one, denormal, FpEnv.DEFAULT | FpEnv.DAZ, f)).isEqualTo(0x1FF << 23);
    assertThat(flags()).isEqualTo(FpFlags.ZE);
    assertThat(F32.max(denormal, one | Integer.MIN_VALUE, FpEnv.DEFAULT | FpEnv.DAZ, f))
        .isEqualTo(Integer.MIN_VALUE);
    assertThat(flags()).isZero();
  }

  private int flags() {
    int raised = f.raised;
    f.clear();
    return raised;
  }

  private static int denormal(int a) {
    return F32.isDenormal(a) ? FpFlags.DE : 0;
  }

  private void expect(
      String what, int a, int b, int actual, Reference exact, int env, int denormals) {
    int raised = flags();
    if (exact.isZero()) {
      assertThat(actual << 1).as("%s %x %x", what, a, b).isZero();
      assertThat(raised).as("%s %x %x", what, a, b).isEqualTo(denormals);
      return;
    }
    Reference.Rounded want =
        exact.round(Reference.Format.F32, env & FpEnv.RC, (env & FpEnv.FTZ) != 0);
    assertThat(actual).as("%s %x %x rc %d", what, a, b, env & 3).isEqualTo(bits(want));
    assertThat(raised)
        .as("flags of %s %x %x rc %d", what, a, b, env & 3)
        .isEqualTo(want.flags() | denormals);
  }

  private static int bits(Reference.Rounded value) {
    BigInteger significand = value.significand();
    int magnitude;
    if (significand == null) {
      magnitude = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    } else {
      magnitude =
          Float.floatToRawIntBits((float) Math.scalb(significand.doubleValue(), value.exponent()));
    }
    return value.negative() ? magnitude | Integer.MIN_VALUE : magnitude;
  }
}
