// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class F80ConvertTest {
  private static final long ONE = 1L << 63;
  private static final int BIAS = F80.BIAS;

  private final OperandSource source = new OperandSource(8);
  private final FpFlags f = new FpFlags();

  @Test
  void storesUndoLoads() {
    for (int i = 0; i < 5_000; i++) {
      long a = source.f64();
      int b = source.f32();

      F80Convert.loadF64(a, f);
      assertThat(F80Convert.toF64(f.sig, f.se, FpEnv.DEFAULT, f)).isEqualTo(a);
      F80Convert.loadF32(b, f);
      assertThat(F80Convert.toF32(f.sig, f.se, FpEnv.DEFAULT, f)).isEqualTo(b);
      F80Convert.fromInteger(a, f);
      assertThat(F80Convert.toInteger(f.sig, f.se, 64, FpEnv.DEFAULT, f)).isEqualTo(a);
      assertThat(f.raised & ~FpFlags.DE).isZero();
    }
  }

  @Test
  void storesWithUnmaskedOverflowOrUnderflowAreNotInexact() {
    int env = FpEnv.ofFcw((0x3F & ~(FpFlags.OE | FpFlags.UE)) | 3 << 8);

    F80Convert.toF32(-1, BIAS + 200, env, f);
    assertThat(f.raised).isEqualTo(FpFlags.OE);
    f.clear();
    F80Convert.toF64(-1, BIAS - 1040, env, f);
    assertThat(f.raised).isEqualTo(FpFlags.UE);
    F80Convert.toF64(-1, BIAS - 1040, FpEnv.DEFAULT, f);
    assertThat(f.raised).isEqualTo(FpFlags.UE | FpFlags.PE);
  }

  @Test
  void integersOutOfRangeAreIndefinite() {
    F80Convert.fromInteger(32768, f);
    assertThat(F80Convert.toInteger(f.sig, f.se, 16, FpEnv.DEFAULT, f)).isEqualTo(-32768);
    assertThat(f.raised).isEqualTo(FpFlags.IE);
    f.clear();
    F80Convert.fromInteger(-32768, f);
    assertThat(F80Convert.toInteger(f.sig, f.se, 16, FpEnv.DEFAULT, f)).isEqualTo(-32768);
    assertThat(f.raised).isZero();
  }

  @Test
  void bcdHoldsEighteenDigitsAndASign() {
    F80Convert.fromBcd(0x3456_7890_1234_5678L, 0x8012, f);
    assertThat(F80Convert.toInteger(f.sig, f.se, 64, FpEnv.DEFAULT, f))
        .isEqualTo(-123_456_789_012_345_678L);

    F80Convert.toBcd(f.sig, f.se, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(0x3456_7890_1234_5678L);
    assertThat(f.se).isEqualTo(0x8012);
    F80Convert.fromInteger(1_000_000_000_000_000_000L, f);
    F80Convert.toBcd(f.sig, f.se, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(0xC000_0000_0000_0000L);
    assertThat(f.se).isEqualTo(0xFFFF);
    assertThat(f.raised).isEqualTo(FpFlags.IE);
  }

  @Test
  void constantsFollowTheRoundingControl() {
    F80Convert.constant(3, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(0xC90F_DAA2_2168_C235L);
    F80Convert.constant(3, FpEnv.DEFAULT | FpEnv.ZERO, f);
    assertThat(f.sig).isEqualTo(0xC90F_DAA2_2168_C234L);
    F80Convert.constant(1, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(0xD49A_784B_CD1B_8AFEL);
  }

  @Test
  void remaindersAreExact() {
    for (int i = 0; i < 3_000; i++) {
      long sigA = source.significand() | ONE;
      long sigB = source.significand() | ONE;
      int distance = source.below(66) - 2;
      BigInteger a = unsigned(sigA).shiftLeft(distance + 2);
      BigInteger b = unsigned(sigB).shiftLeft(2);
      boolean nearest = (i & 1) != 0;
      BigInteger[] parts = a.divideAndRemainder(b);
      int half = parts[1].shiftLeft(1).compareTo(b);
      if (nearest && (half > 0 || (half == 0 && parts[0].testBit(0)))) {
        parts[0] = parts[0].add(BigInteger.ONE);
        parts[1] = parts[1].subtract(b);
      }

      int quotient =
          F80Remainder.remainder(sigA, BIAS + distance, sigB, BIAS, nearest, FpEnv.DEFAULT, f);

      if (distance == 64) {
        assertThat(quotient).isEqualTo(F80Remainder.PARTIAL);
        continue;
      }
      assertThat(quotient).isEqualTo(parts[0].intValue() & 7);
      int shift = (f.se & 0x7FFF) - BIAS + 2;
      BigInteger value =
          shift < 0 ? unsigned(f.sig).shiftRight(-shift) : unsigned(f.sig).shiftLeft(shift);
      assertThat((f.se & 0x8000) != 0 ? value.negate() : value).isEqualTo(parts[1]);
      assertThat(f.raised).isZero();
    }
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
