// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranscendentalTest {
  private static final long ONE = 1L << 63;
  private static final int BIAS = F80.BIAS;
  private static final int INFINITE = 0x7FFF;

  private final FpFlags f = new FpFlags();

  /**
   * Function, ST(0), ST(1), and the result rounded from 400 bits, where pi has 66 bits for the
   * first three.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sin  bb0359bf2d35c000 91b1 f2d758346d748c52 11af bb0359bf2d35c000 91b1",
        "sin  c280000000000000 4002 b8d518d15325bf38 4023 cc2505371c6af163 bffd",
        "sin  d117b96e64938cc6 4002 c87c72d5aa2d56cd bff6 f6542ac0421bc3df 3ffd",
        "sin  8000000000236d54 4001 f94c7a575ac3edda 3ff5 c1bdceeee1aeb465 bffe",
        "sin  80000000002c4ef0 3ffb b17bfa552919068b 3ffa ffd557776acf473b 3ffa",
        "sin  80006aae8d62e241 03ca c61acc32c57808e2 bff4 80006aae8d62e241 03ca",
        "sin  c1a85b9779c40000 8cc8 cce1088b7e431ba0 0cc8 c1a85b9779c40000 8cc8",
        "cos  b3ec9a2ff8bffd84 c031 f899e0559469e795 c03b a9ca22404d82b08b bffe",
        "cos  92f3c8d570000000 c02a a4ae4a101cf89515 c02a 9d98bfdf4aa5e7f6 bffd",
        "cos  f32dbacf48213307 2f92 c51ee348b291c992 4000 8000000000000000 3fff",
        "cos  df276da11525d9e5 402e c5ed464a6be0b2f0 3fc2 9c56640c2a152746 3ffe",
        "cos  b7a692cb0fc69e6c c001 aa56bab540ff2ccb c021 db081f1254dea43b 3ffe",
        "cos  f535cd28d4e09189 bffb c5189d856ed1bf8a bff9 fe2acf8bfaa2fad7 3ffe",
        "cos  80000071d46ba04c 3fff f843e02e24cc9a98 3fff 8a513fbe1691325e 3ffe",
        "tan  8dbfb11423797e81 3fbc 9a2eec63ef29f76e bfe7 8dbfb11423797e81 3fbc",
        "tan  b43bf0dde939ddc2 4002 a9cc99b67aa36487 bfff e818faa3baf9095a c000",
        "tan  eb505ad48f5b90d4 c000 a22acbbf9415796b 3ffd 97c8abeee9b5c78c bffe",
        "tan  992575b0cf9206f4 acb6 90e12b1f682a1acb bfbf 992575b0cf9206f4 acb6",
        "tan  88c48163736dd114 c001 8d7cccfd0fefad12 c029 8882a0b1b37021ea c000",
        "tan  d70a13c5770161b2 bfcc ae402bcb83f901fa c039 d70a13c5770161b2 bfcc",
        "tan  a86b4ceae3b0af45 4000 90309b1c2015ef05 bffe 8f35e15827e61e32 bffe",
        "atan fa01fabffc13b293 3fcf 810ff4cce41d373f bfce 81553420ce4ea2c0 bffd",
        "atan 8200000000000000 3fff a06d54afcbd4c55c c031 c90fdaa22168a846 bfff",
        "atan d74e7f9944cb9d76 bfff cf20610ba78ce8b3 4000 83351ad37d9b812d 4000",
        "atan f6c82e8241e72ae4 8d26 a903f4355eb9a2a1 8d27 8ce3ed3c179a491c c000",
        "atan 9c98433764540000 4033 da2ea0230ae2a119 4035 b256287ba0ab4a5f 3fff",
        "atan e7a4d0754a08c60a c013 d7701cb3d44e21c7 4015 eaacad73e1bb8a70 3fff",
        "atan 9c00000000000000 bfff d9f4936ddda5aa7a c000 f50d3b0a738594b0 bfff",
        "exp  cbcbec74c001e946 bffc 916a46ac5e6e9598 3ff3 83f356141d78c6a2 bffc",
        "exp  f2531155ef05a8ad 3ff0 9c490097237ace19 bfd6 a7f84b1471ba8562 3ff0",
        "exp  8000000000000004 bffb d01aebb9e4cd25fe c005 ada82eadb7933d3e bffa",
        "exp  85af49c92f7a7333 bffa a8105bcac18c2230 bffa b73eebe42cc24cae bff9",
        "exp  d3417abeac3a54ca 3fc9 945f8345684dc736 3fc8 926e6ccde15542e9 3fc9",
        "exp  e6dbc494f772a4dd 3ffa 9398aba84084614c 4002 a32f8ca54fa62dd1 3ffa",
        "exp  b452aead7b800000 bffb 88f69c4d1a32cc27 3fe9 f2815eea1438a4aa bffa",
        "log  dc7cb296c4181000 3fcd e8fd613b1d076361 3fff b32ac8b9be085321 c005",
        "log  f80335848220bd2c 3fff cce3f349728a6a7a bfff c3854844eefdc78b bfff",
        "log  a5779395a18ba7de 402f ed06bd40dbafd555 bfff b3243bb14632e13f c005",
        "log  9119f5d08b3f587b 3fff 84633e115efb3a6b bfff bf9c347578e5b49b bffc",
        "log  9d00000000000000 15be c044fa735c9ecfcb bfff fddf4fa7f7df320e 400c",
        "log  b67cf767fee92e47 4013 b94904e1b2c90022 3fff ed881e94ba08e845 4003",
        "log  e174d238b8cea7be 402d a485157f51583ae5 3fff f0b238815b745153 4004",
        "logp ab563dc63501a0e4 3ffa e7e2e5725a23852e bfff db58d3ed35ca323f bffb",
        "logp 8a66580000000000 3ff9 fe226dae6b394f38 3fff c48ed3daa2223a49 3ffa",
        "logp d517f200f33d47d1 3ffb fea93b6924eb9bdd 3fff 9177aad7cf068e79 3ffd",
        "logp f3ee400120954477 bffb ca830d5f9c11f3c2 3fff 9435030bf24236a4 bffd",
        "logp db184b41744ba3d2 3fea 8e8aa9287034a728 bfff afff8f488172fb7a bfeb",
        "logp f25728c177477cd7 03cb c74b29400a507e34 3fff 8816d9fbcb21b1fc 03cd",
        "logp ff3c50a8bf000000 bffb e25c2d03b8457ef4 bfff addf1c18f07f066c 3ffd"
      })
  void resultsAreWithinOneUnitOfTheLastPlace(String row) {
    String[] columns = row.split(" +", -1);
    long sig = Long.parseUnsignedLong(columns[1], 16);
    int se = Integer.parseInt(columns[2], 16);
    long sigY = Long.parseUnsignedLong(columns[3], 16);
    int seY = Integer.parseInt(columns[4], 16);

    switch (columns[0]) {
      case "sin" -> F80Trig.sin(sig, se, FpEnv.DEFAULT, f);
      case "cos" -> F80Trig.cos(sig, se, FpEnv.DEFAULT, f);
      case "tan" -> F80Trig.tan(sig, se, FpEnv.DEFAULT, f);
      case "atan" -> F80Arctan.atan(sigY, seY, sig, se, FpEnv.DEFAULT, f);
      case "exp" -> F80Exp.exp2m1(sig, se, FpEnv.DEFAULT, f);
      case "log" -> F80Exp.yLog2(sigY, seY, sig, se, FpEnv.DEFAULT, f);
      default -> F80Exp.yLog2p1(sigY, seY, sig, se, FpEnv.DEFAULT, f);
    }

    assertThat(f.se).isEqualTo(Integer.parseInt(columns[6], 16));
    assertThat(f.sig - Long.parseUnsignedLong(columns[5], 16)).isBetween(-1L, 1L);
    assertThat(f.raised).isEqualTo(FpFlags.PE);
  }

  @Test
  void hugeAngleIsLeftToTheProgram() {
    assertThat(F80Trig.sincos(ONE, BIAS + 63, FpEnv.DEFAULT, f)).isFalse();
    assertThat(f.raised).isZero();
    assertThat(F80Trig.sincos(-1, BIAS + 62, FpEnv.DEFAULT, f)).isTrue();
    assertThat(F80Trig.cos(ONE, INFINITE, FpEnv.DEFAULT, f)).isTrue();
    assertThat(f.raised).isEqualTo(FpFlags.PE | FpFlags.IE);
  }

  @Test
  void tangentPushesOneAndNansTwice() {
    F80Trig.tan(0, 0x8000, FpEnv.DEFAULT, f);
    assertThat(f.se).isEqualTo(0x8000);
    assertThat(f.se2).isEqualTo(BIAS);
    F80Trig.tan(ONE, INFINITE, FpEnv.DEFAULT, f);
    assertThat(f.se2).isEqualTo(0xFFFF);
  }

  @Test
  void arctangentKnowsTheAxes() {
    atan(0, 0, ONE, BIAS);
    assertThat(f.sig | f.se | f.raised).isZero();
    atan(0, 0x8000, ONE, 0x8000 | BIAS);
    expectPi(0x8000 | BIAS + 1);
    atan(ONE, BIAS, 0, 0x8000);
    expectPi(BIAS);
    atan(ONE, INFINITE, ONE, INFINITE);
    expectPi(BIAS - 1);
    atan(ONE, BIAS, ONE, BIAS);
    expectPi(BIAS - 1);
  }

  @Test
  void logarithmsAtTheirPoles() {
    F80Exp.yLog2(ONE, BIAS, 0, 0, FpEnv.DEFAULT, f);
    assertThat(f.raised).isEqualTo(FpFlags.ZE);
    assertThat(f.se).isEqualTo(0xFFFF);
    f.clear();
    F80Exp.yLog2(ONE, BIAS, ONE, 0x8000 | BIAS, FpEnv.DEFAULT, f);
    assertThat(f.raised).isEqualTo(FpFlags.IE);
    f.clear();
    F80Exp.yLog2(ONE, 0x8000 | BIAS, ONE, BIAS, FpEnv.DEFAULT, f);
    assertThat(f.sig).isZero();
    assertThat(f.se).isEqualTo(0x8000);
    assertThat(f.raised).isZero();
    F80Exp.yLog2(ONE, INFINITE, ONE, BIAS - 1, FpEnv.DEFAULT, f);
    assertThat(f.se).isEqualTo(0xFFFF);
    assertThat(f.raised).isZero();
  }

  @Test
  void logarithmOfTheSuccessorReachesBeyondItsRange() {
    F80Exp.yLog2p1(ONE, BIAS, 7L << 61, BIAS + 2, FpEnv.DEFAULT, f);
    assertThat(f.sig).isEqualTo(3L << 62);
    assertThat(f.se).isEqualTo(BIAS + 1);
    F80Exp.yLog2p1(ONE, BIAS, ONE, 0x8000 | BIAS + 5, FpEnv.DEFAULT, f);
    assertThat(f.se).isEqualTo(0x8000 | BIAS + 5);
  }

  @Test
  void arctangentOfAPowerOfTwoIsBelowIt() {
    F80Arctan.atan(ONE, 1, ONE, BIAS, FpEnv.DEFAULT | FpEnv.DOWN, f);

    assertThat(f.sig).isEqualTo(Long.MAX_VALUE);
    assertThat(f.se).isZero();
    assertThat(f.raised).isEqualTo(FpFlags.UE | FpFlags.PE);
  }

  @Test
  void sineOfTheSmallestDenormalUnderflows() {
    F80Trig.sin(1, 0, FpEnv.DEFAULT, f);

    assertThat(f.sig).isEqualTo(1);
    assertThat(f.raised).isEqualTo(FpFlags.DE | FpFlags.UE | FpFlags.PE);
  }

  private void atan(long sigY, int seY, long sigX, int seX) {
    f.clear();
    F80Arctan.atan(sigY, seY, sigX, seX, FpEnv.DEFAULT, f);
  }

  private void expectPi(int se) {
    assertThat(f.sig).isEqualTo(0xC90F_DAA2_2168_C235L);
    assertThat(f.se).isEqualTo(se);
    assertThat(f.raised).isEqualTo(FpFlags.PE);
  }
}
