// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class F64Test {
  private static final int ROUNDS = 5_000;

  private final OperandSource source = new OperandSource(64L);
  private final FpFlags f = new FpFlags();

  @Test
  void arithmeticRoundsAndFlagsLikeExactFractions() {
    for (int i = 0; i < ROUNDS; i++) {
      long a = source.f64();
      long b = source.f64();
      int rc = source.below(4);
      Reference x = Reference.of(Double.longBitsToDouble(a));
      Reference y = Reference.of(Double.longBitsToDouble(b));
      int denormals = denormal(a) | denormal(b);

      for (int ftz = 0; ftz <= FpEnv.FTZ; ftz += FpEnv.FTZ) {
        int env = FpEnv.DEFAULT | rc | ftz;
        expect("add", a, b, F64.add(a, b, env, f), x.plus(y), env, denormals);
        expect(
            "sub",
            a,
            b,
            F64.sub(a, b, env, f),
            x.plus(Reference.of(-Double.longBitsToDouble(b))),
            env,
            denormals);
        expect("mul", a, b, F64.mul(a, b, env, f), x.times(y), env, denormals);
        if (!y.isZero()) {
          expect("div", a, b, F64.div(a, b, env, f), x.over(y), env, denormals);
        }
      }
    }
  }

  @Test
  void fusedMultiplyAddRoundsOnce() {
    for (int i = 0; i < ROUNDS; i++) {
      long a = source.f64();
      long b = source.f64();
      long c =
          source.below(3) == 0
              ? Double.doubleToRawLongBits(-Double.longBitsToDouble(a) * Double.longBitsToDouble(b))
                  + source.below(3)
                  - 1
              : source.f64();
      if (!Double.isFinite(Double.longBitsToDouble(c))) {
        continue;
      }
      int env = FpEnv.DEFAULT | source.below(4);
      Reference product =
          Reference.of(Double.longBitsToDouble(a)).times(Reference.of(Double.longBitsToDouble(b)));
      int denormals = denormal(a) | denormal(b) | denormal(c);

      expect(
          "fma",
          a,
          b,
          F64.fma(a, b, c, 0, env, f),
          product.plus(Reference.of(Double.longBitsToDouble(c))),
          env,
          denormals);
      expect(
          "fms",
          a,
          b,
          F64.fma(a, b, c, 2, env, f),
          product.plus(Reference.of(-Double.longBitsToDouble(c))),
          env,
          denormals);
    }
  }

  @Test
  void rootsAreRoundedCorrectly() {
    for (int i = 0; i < 2000; i++) {
      long a = source.f64() & Long.MAX_VALUE;
      if (source.below(4) == 0) {
        double root = (double) (int) source.bits();
        a = Double.doubleToRawLongBits(root * root);
      }
      int env = FpEnv.DEFAULT | source.below(4);

      expect(
          "sqrt",
          a,
          a,
          F64.sqrt(a, env, f),
          Reference.of(Double.longBitsToDouble(a)).root(),
          env,
          denormal(a));
    }
  }

  @Test
  void nanResultsFollowTheFirstOperand() {
    long quiet = 0x7FF8_0000_0000_1234L;
    long signalling = 0xFFF0_0000_0000_0001L;
    long one = Double.doubleToRawLongBits(1);
    int env = FpEnv.DEFAULT;

    assertThat(F64.add(quiet, signalling, env, f)).isEqualTo(quiet);
    assertThat(flags()).isEqualTo(FpFlags.IE);
    assertThat(F64.mul(one, quiet, env, f)).isEqualTo(quiet);
    assertThat(flags()).isZero();
    assertThat(F64.sub(one, signalling, env, f)).isEqualTo(signalling | 1L << 51);
    assertThat(flags()).isEqualTo(FpFlags.IE);
    assertThat(F64.min(quiet, one, env, f)).isEqualTo(one);
    assertThat(flags()).isEqualTo(FpFlags.IE);
  }

  @Test
  void denormalsAreZerosUnderDaz() {
    long denormal = Long.MIN_VALUE | 5;
    long one = Double.doubleToRawLongBits(1);

    assertThat(F64.add(denormal, one, FpEnv.DEFAULT | FpEnv.DAZ, f)).isEqualTo(one);
    assertThat(flags()).isZero();
    assertThat(F64.div(one, denormal, FpEnv.DEFAULT | FpEnv.DAZ, f)).isEqualTo(0xFFFL << 52);
    assertThat(flags()).isEqualTo(FpFlags.ZE);
    assertThat(F64.max(denormal, one | Long.MIN_VALUE, FpEnv.DEFAULT | FpEnv.DAZ, f))
        .isEqualTo(Long.MIN_VALUE);
    assertThat(flags()).isZero();
  }

  private int flags() {
    int raised = f.raised;
    f.clear();
    return raised;
  }

  private static int denormal(long a) {
    return F64.isDenormal(a) ? FpFlags.DE : 0;
  }

  private void expect(
      String what, long a, long b, long actual, Reference exact, int env, int denormals) {
    int raised = flags();
    if (exact.isZero()) {
      assertThat(actual << 1).as("%s %x %x", what, a, b).isZero();
      assertThat(raised).as("%s %x %x", what, a, b).isEqualTo(denormals);
      return;
    }
    Reference.Rounded want =
        exact.round(Reference.Format.F64, env & FpEnv.RC, (env & FpEnv.FTZ) != 0);
    assertThat(actual).as("%s %x %x rc %d", what, a, b, env & 3).isEqualTo(bits(want));
    assertThat(raised)
        .as("flags of %s %x %x rc %d", what, a, b, env & 3)
        .isEqualTo(want.flags() | denormals);
  }

  private static long bits(Reference.Rounded value) {
    BigInteger significand = value.significand();
    long magnitude;
    if (significand == null) {
      magnitude = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
    } else {
      magnitude =
          Double.doubleToRawLongBits(Math.scalb(significand.doubleValue(), value.exponent()));
    }
    return value.negative() ? magnitude | Long.MIN_VALUE : magnitude;
  }
}
