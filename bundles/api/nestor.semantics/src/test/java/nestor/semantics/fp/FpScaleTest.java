// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FpScaleTest {
  private static final int ENV = FpEnv.DEFAULT;

  private final FpFlags f = new FpFlags();

  @Test
  void exponentAndMantissaTakeValuesApart() {
    long value = bits(-12.5);

    assertThat(FpScale.getExponentF64(value, ENV, f)).isEqualTo(bits(3));
    assertThat(FpScale.getMantissaF64(value, 0, ENV, f)).isEqualTo(bits(-1.5625));
    assertThat(FpScale.getMantissaF64(value, 1, ENV, f)).isEqualTo(bits(-0.78125));
    assertThat(FpScale.getMantissaF64(value, 3 | 4, ENV, f)).isEqualTo(bits(0.78125));
    assertThat(f.raised).isZero();
    assertThat(FpScale.getMantissaF64(value, 8, ENV, f)).isEqualTo(0xFFF8L << 48);
    assertThat(f.raised).isEqualTo(FpFlags.IE);
    f.clear();
    assertThat(FpScale.getExponentF64(1, ENV, f)).isEqualTo(bits(-1074));
    assertThat(f.raised).isEqualTo(FpFlags.DE);
  }

  @Test
  void scaleRoundsItsPowerDownAndItsResultOnce() {
    assertThat(FpScale.scaleF64(bits(3), bits(-1.5), ENV, f)).isEqualTo(bits(0.75));
    assertThat(f.raised).isZero();
    assertThat(FpScale.scaleF64(bits(1.5), bits(-1074), ENV, f)).isEqualTo(2);
    assertThat(f.raised).isEqualTo(FpFlags.UE | FpFlags.PE);
    f.clear();
    assertThat(FpScale.scaleF64(bits(1), 1, ENV, f)).isEqualTo(bits(1));
    assertThat(f.raised).as("a denormal power is no denormal operand").isZero();
  }

  @Test
  void roundScaleKeepsFractionBitsAndReduceTheRest() {
    assertThat(FpScale.roundScaleF64(bits(1.30), 0x20, ENV, f)).isEqualTo(bits(1.25));
    assertThat(f.raised).isEqualTo(FpFlags.PE);
    f.clear();
    assertThat(FpScale.reduceF64(bits(1.30), 0x20, ENV, f)).isEqualTo(bits(1.30 - 1.25));
    assertThat(FpScale.reduceF64(bits(-0.0), 0x11, ENV, f)).isEqualTo(bits(-0.0));
    assertThat(f.raised).as("what is taken away is exact").isZero();
  }

  @Test
  void rangePrefersNumbersAndOrdersZeros() {
    assertThat(FpSelect.rangeF64(bits(Double.NaN), bits(2), 4, ENV, f)).isEqualTo(bits(2));
    assertThat(FpSelect.rangeF64(bits(0.0), bits(-0.0), 4, ENV, f)).isEqualTo(bits(-0.0));
    assertThat(FpSelect.rangeF64(bits(-3), bits(2), 4 | 3, ENV, f)).isEqualTo(bits(-3));
    assertThat(FpSelect.rangeF64(bits(-3), bits(2), 8, ENV, f)).isEqualTo(bits(3));
    assertThat(f.raised).isZero();
  }

  @Test
  void rangeOfTwoNansIsTheFirst() {
    long first = 0x7FF8_0000_0000_0001L;
    long second = 0x7FF8_0000_0000_0002L;

    assertThat(FpSelect.rangeF64(first, second, 4, ENV, f)).isEqualTo(first);
    assertThat(FpSelect.rangeF32(0x7FC0_0001, 0x7FC0_0002, 4, ENV, f)).isEqualTo(0x7FC0_0001);
    assertThat(f.raised).isZero();
  }

  @Test
  void unmaskedOverflowAndUnderflowAreInexactOnlyIfDigitsAreLost() {
    int unmasked = ENV & ~((FpFlags.OE | FpFlags.UE) << FpEnv.MASK_SHIFT);

    FpScale.scaleF32(0x3F80_0000, Float.floatToRawIntBits(4000), unmasked, f);
    assertThat(f.raised).isEqualTo(FpFlags.OE);
    f.clear();
    FpScale.scaleF32(0x3F80_0000, Float.floatToRawIntBits(-4000), unmasked, f);
    assertThat(f.raised).isEqualTo(FpFlags.UE);
    f.clear();
    FpConvert.f64ToF32(1, unmasked, f);
    assertThat(f.raised).isEqualTo(FpFlags.DE | FpFlags.UE);
    f.clear();
    FpConvert.f64ToF32(0x3FF_FFFFL, unmasked, f);
    assertThat(f.raised).isEqualTo(FpFlags.DE | FpFlags.UE | FpFlags.PE);
  }

  @Test
  void reduceReportsNoUnderflowAndFlushesOnlyWhileItIsMasked() {
    long tiny = 0x0008_0000_0000_0000L;

    assertThat(FpScale.reduceF64(tiny, 0x10, ENV | FpEnv.FTZ, f)).isZero();
    assertThat(f.raised).isEqualTo(FpFlags.PE);
    f.clear();
    int unmasked = ENV & ~(FpFlags.UE << FpEnv.MASK_SHIFT);
    assertThat(FpScale.reduceF64(tiny, 0x10, unmasked | FpEnv.FTZ, f)).isEqualTo(tiny);
    assertThat(f.raised).isZero();
  }

  @Test
  void fixupAnswersByClassAndReportsWhatIsAsked() {
    int table = 0x7654_3A10; // zero gives 1.0, one gives QNaN indefinite

    assertThat(FpSelect.fixupF64(7, bits(-0.0), table, 0, ENV, f)).isEqualTo(bits(1));
    assertThat(f.raised).isZero();
    assertThat(FpSelect.fixupF64(7, bits(0.0), table, 1, ENV, f)).isEqualTo(bits(1));
    assertThat(f.raised).isEqualTo(FpFlags.ZE);
    assertThat(FpSelect.fixupF64(7, bits(Double.NaN), table, 0, ENV, f)).isEqualTo(7);
    assertThat(FpSelect.fixupF64(7, bits(1), table, 0, ENV, f)).isEqualTo(0xFFF8L << 48);
  }

  @Test
  void approximationsStayWithinTheirBounds() {
    OperandSource source = new OperandSource(14);
    for (int i = 0; i < 50_000; i++) {
      int a = source.f32() & Integer.MAX_VALUE;
      double x = Float.intBitsToFloat(a);
      if (x < 0x1p-125 || x > 0x1p125) {
        continue;
      }
      assertThat(error(Approx.rcp(a), 1 / x)).isLessThan(1.5 * 0x1p-12);
      assertThat(error(Approx.rsqrt(a), 1 / Math.sqrt(x))).isLessThan(1.5 * 0x1p-12);
      assertThat(error(Approx.rcp14F32(a, ENV), 1 / x)).isLessThan(0x1p-14);
      assertThat(error(Approx.rsqrt14F32(a, ENV), 1 / Math.sqrt(x))).isLessThan(0x1p-14);
    }
    assertThat(Approx.rcp(Float.floatToRawIntBits(1))).isEqualTo(0x3F7F_F000);
    assertThat(Approx.rcp(0x8000_0001)).isEqualTo(0xFF80_0000);
    assertThat(Approx.rsqrt(0xBF80_0000)).isEqualTo(0xFFC0_0000);
  }

  private static double error(int result, double exact) {
    return Math.abs(Float.intBitsToFloat(result) - exact) / exact;
  }

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
