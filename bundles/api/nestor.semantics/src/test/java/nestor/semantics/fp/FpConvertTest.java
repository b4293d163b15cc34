// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;

class FpConvertTest {
  private static final RoundingMode[] MODES = {
    RoundingMode.HALF_EVEN, RoundingMode.FLOOR, RoundingMode.CEILING, RoundingMode.DOWN
  };

  private final OperandSource source = new OperandSource(7);
  private final FpFlags f = new FpFlags();

  @Test
  void doublesBecomeIntegersByTheRoundingControl() {
    for (int i = 0; i < 20_000; i++) {
      long a = source.f64();
      int rc = source.below(4);
      int env = FpEnv.DEFAULT | rc;
      BigDecimal exact = new BigDecimal(Double.longBitsToDouble(a));
      BigDecimal rounded =
          Math.abs(exact.doubleValue()) < 1e-9 && exact.signum() != 0 && rc == 0
              ? BigDecimal.ZERO
              : exact.setScale(0, MODES[rc]);
      boolean whole = rounded.compareTo(exact) == 0;

      check(FpConvert.f64ToInt32(a, env, f), rounded, whole, -0x1p31, 0x1p31 - 1, 1L << 31);
      check(FpConvert.f64ToInt64(a, env, f), rounded, whole, -0x1p63, 0x1p63 - 1024, 1L << 63);
      check(FpConvert.f64ToUint32(a, env, f), rounded, whole, 0, 0x1p32 - 1, 0xFFFF_FFFFL);
      check(FpConvert.f64ToUint64(a, env, f), rounded, whole, 0, 0x1p64 - 2048, -1);
    }
  }

  private void check(
      long actual, BigDecimal rounded, boolean whole, double low, double high, long indefinite) {
    boolean fits =
        rounded.compareTo(new BigDecimal(low)) >= 0 && rounded.compareTo(new BigDecimal(high)) <= 0;
    boolean narrow = Math.max(-low, high) < 0x1p33;
    long mask = narrow ? 0xFFFF_FFFFL : -1;
    long wanted = fits ? rounded.toBigInteger().longValue() : indefinite;
    assertThat(actual & mask).as("%s", rounded).isEqualTo(wanted & mask);
    assertThat(f.raised).isEqualTo(!fits ? FpFlags.IE : whole ? 0 : FpFlags.PE);
    f.clear();
  }

  @Test
  void integersRoundLikeTheHostsOwn() {
    for (int i = 0; i < 20_000; i++) {
      long value = source.significand();

      assertThat(FpConvert.int64ToF64(value, FpEnv.DEFAULT, f))
          .isEqualTo(Double.doubleToRawLongBits((double) value));
      assertThat(FpConvert.int64ToF32(value, FpEnv.DEFAULT, f))
          .isEqualTo(Float.floatToRawIntBits((float) value));
      assertThat(FpConvert.uint32ToF64((int) value))
          .isEqualTo(Double.doubleToRawLongBits((double) (value & 0xFFFF_FFFFL)));
    }
    assertThat(FpConvert.uint64ToF64(-1, FpEnv.DEFAULT | FpEnv.ZERO, f))
        .isEqualTo(Double.doubleToRawLongBits(0x1.fffffffffffffp63));
  }

  @Test
  void doublesNarrowLikeTheHostsOwn() {
    for (int i = 0; i < 50_000; i++) {
      long a = (source.f64() & ~(1L << 62)) | (source.bits() & 3) << 60;

      assertThat(FpConvert.f64ToF32(a, FpEnv.DEFAULT, f))
          .isEqualTo(Float.floatToRawIntBits((float) Double.longBitsToDouble(a)));
    }
  }

  @Test
  void halvesGoToSinglesAndBack() {
    for (int half = 0; half < 0x10000; half++) {
      f.clear();
      int single = F16.toF32(half, f);
      boolean signalling = (half & 0x7E00) == 0x7C00 && (half & 0x3FF) != 0;

      assertThat(f.raised).isEqualTo(signalling ? FpFlags.IE : 0);
      assertThat(F16.fromF32(single, 0, FpEnv.DEFAULT, f))
          .isEqualTo(signalling ? half | 0x200 : half);
      if (!F32.isNan(single)) {
        assertThat(Float.intBitsToFloat(single)).isEqualTo(Float.float16ToFloat((short) half));
      }
    }
  }

  @Test
  void singlesBecomeHalvesLikeTheHostsOwn() {
    for (int i = 0; i < 50_000; i++) {
      int single = ((int) source.bits() & 0x8FFF_FFFF) | 0x3000_0000 + (source.below(8) << 25);

      assertThat(F16.fromF32(single, 4, FpEnv.DEFAULT, f))
          .isEqualTo(Float.floatToFloat16(Float.intBitsToFloat(single)) & 0xFFFF);
    }
  }

  @Test
  void brainFloatsRoundToEvenAndDropDenormals() {
    assertThat(Bf16.fromF32(0x3F80_8000)).isEqualTo(0x3F80);
    assertThat(Bf16.fromF32(0x3F81_8000)).isEqualTo(0x3F82);
    assertThat(Bf16.fromF32(0x7F80_0001)).isEqualTo(0x7FC0);
    assertThat(Bf16.fromF32(0x807F_FFFF)).isEqualTo(0x8000);
    assertThat(Bf16.dot(0x3F80_0000, 0x4000_3F80, 0x4040_3F80, f)).isEqualTo(0x4100_0000);
    assertThat(Bf16.dot(1, 0x3F80_0001, 0, f)).isZero();
    assertThat(f.raised).isZero();
  }

  @Test
  void roundToIntegralObeysTheImmediate() {
    long half = Double.doubleToRawLongBits(-0.5);

    assertThat(FpConvert.roundF64(half, 0, FpEnv.DEFAULT | FpEnv.DOWN, f)).isEqualTo(1L << 63);
    assertThat(f.raised).isEqualTo(FpFlags.PE);
    f.clear();
    assertThat(FpConvert.roundF64(half, 12, FpEnv.DEFAULT | FpEnv.DOWN, f))
        .isEqualTo(Double.doubleToRawLongBits(-1));
    assertThat(f.raised).isZero();
    assertThat(FpConvert.roundF32(Float.floatToRawIntBits(2.5f), 2, FpEnv.DEFAULT, f))
        .isEqualTo(Float.floatToRawIntBits(3));
  }
}
