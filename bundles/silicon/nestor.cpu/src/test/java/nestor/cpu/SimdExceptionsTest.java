// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.VectorBench.ONE;
import static nestor.cpu.VectorBench.THREE;
import static nestor.cpu.VectorBench.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** SDM vol. 1, "SIMD Floating-Point Exceptions" and "Handling SIMD Floating-Point Exceptions". */
class SimdExceptionsTest {
  private static final int ZE = 4;
  private static final int PE = 32;
  private static final int MASKED = 0x1F80;
  private static final int ZM = 1 << 9;
  private static final int PM = 1 << 12;
  private static final int IM = 1 << 7;
  private static final int INFINITY = 0x7F80_0000;
  private static final int QUIET_NAN = 0x7FC0_0000;

  private static final int[] DIVSS = {0xF3, 0x0F, 0x5E, 0xC1}; // divss xmm0, xmm1
  private static final int[] DIVPS = {0x0F, 0x5E, 0xC1};
  private static final int[] COMISS = {0x0F, 0x2F, 0xC1};
  private static final int[] CVTTSS2SI = {0xF3, 0x0F, 0x2C, 0xC1}; // cvttss2si eax, xmm1
  private static final int[] VDIVPS_MASKED = {0x62, 0xF1, 0x74, 0x49, 0x5E, 0xC2}; // zmm0{k1}
  private static final int[] VDIVPS_STATIC = {0x62, 0xF1, 0x74, 0x18, 0x5E, 0xC2}; // {rn-sae}
  private static final int[] VDIVPS_UPWARD = {0x62, 0xF1, 0x74, 0x58, 0x5E, 0xC2}; // {ru-sae}

  private final VectorBench bench = new VectorBench();

  @Test
  void aMaskedExceptionOnlySetsItsFlag() {
    bench.vector(0, ONE).vector(1, 0);

    assertThat(bench.fault(DIVSS)).isEqualTo("none");
    assertThat(bench.mxcsr()).isEqualTo(MASKED | ZE);
    assertThat(bench.element(0, 0)).isEqualTo(INFINITY);
  }

  @Test
  void anUnmaskedExceptionSetsItsFlagAndKeepsTheDestination() {
    bench.vector(0, ONE).vector(1, 0).mxcsr(MASKED & ~ZM);

    assertThat(bench.fault(DIVSS)).isEqualTo("#XM");
    assertThat(bench.mxcsr()).isEqualTo(MASKED & ~ZM | ZE);
    assertThat(bench.element(0, 0)).isEqualTo(ONE);
  }

  @Test
  void withoutOsxmmexcptAnUnmaskedExceptionIsAnInvalidOpcode() {
    bench.vector(0, ONE).vector(1, 0).mxcsr(MASKED & ~ZM).clear(State.CR4, VectorBench.OSXMMEXCPT);

    assertThat(bench.fault(DIVSS)).isEqualTo("#UD");
    assertThat(bench.mxcsr()).isEqualTo(MASKED & ~ZM | ZE);
    assertThat(bench.element(0, 0)).isEqualTo(ONE);
  }

  @Test
  void aFlagThatIsSetAlreadyRaisesNothing() {
    bench.vector(0, TWO).vector(1, ONE).mxcsr(MASKED & ~ZM | ZE);

    assertThat(bench.fault(DIVSS)).isEqualTo("none");
  }

  @Test
  void anUnmaskedExceptionBeforeTheOperationHidesThoseAfterIt() {
    bench.vector(0, ONE, ONE, ONE, ONE).vector(1, 0, THREE, ONE, ONE);

    bench.mxcsr(MASKED & ~ZM);
    assertThat(bench.fault(DIVPS)).isEqualTo("#XM");
    assertThat(bench.mxcsr() & 0x3F).isEqualTo(ZE);

    bench.mxcsr(MASKED & ~PM);
    assertThat(bench.fault(DIVPS)).isEqualTo("#XM");
    assertThat(bench.mxcsr() & 0x3F).isEqualTo(ZE | PE);
    assertThat(bench.elements(0, 4)).containsExactly(ONE, ONE, ONE, ONE);
  }

  @Test
  void aComparisonThatRaisesLeavesTheFlagsAlone() {
    bench.vector(0, QUIET_NAN).vector(1, ONE).mxcsr(MASKED & ~IM);
    bench.m.flags(Flags.OF | Flags.SF);

    assertThat(bench.fault(COMISS)).isEqualTo("#XM");
    Flags.materialize(bench.m.s);
    assertThat(bench.m.get(State.RFLAGS) & Flags.ARITHMETIC).isEqualTo(Flags.OF | Flags.SF);
  }

  @Test
  void aConversionThatRaisesLeavesTheGeneralRegisterAlone() {
    bench.vector(1, INFINITY).mxcsr(MASKED & ~IM).m.gpr(0, 0x1234);

    assertThat(bench.fault(CVTTSS2SI)).isEqualTo("#XM");
    assertThat(bench.m.gpr(0)).isEqualTo(0x1234);
  }

  @Test
  void elementsThatTheOpmaskLeavesOutRaiseNothing() {
    bench.filled(0, TWO).filled(1, ONE).filled(2, 0).mxcsr(MASKED & ~ZM);

    assertThat(bench.opmask(1, 0xFFFF_0000L).fault(VDIVPS_MASKED)).isEqualTo("none");
    assertThat(bench.mxcsr()).isEqualTo(MASKED & ~ZM);
    assertThat(bench.element(0, 15)).isEqualTo(TWO);
    assertThat(bench.opmask(1, 0x8000).fault(VDIVPS_MASKED)).isEqualTo("#XM");
    assertThat(bench.element(0, 15)).isEqualTo(TWO);
  }

  @Test
  void staticRoundingRaisesNothingAndSetsNoFlag() {
    bench.filled(1, ONE).filled(2, 0).mxcsr(0);
    assertThat(bench.fault(VDIVPS_STATIC)).isEqualTo("none");
    assertThat(bench.element(0, 15)).isEqualTo(INFINITY);

    bench.filled(1, ONE).filled(2, THREE);
    assertThat(bench.fault(VDIVPS_STATIC)).isEqualTo("none");
    int nearest = bench.element(0, 15);
    assertThat(bench.fault(VDIVPS_UPWARD)).isEqualTo("none");
    assertThat(bench.mxcsr()).isZero();
    assertThat(nearest).isEqualTo(Float.floatToRawIntBits(1 / 3f));
    assertThat(bench.element(0, 15)).isEqualTo(nearest); // 1/3 to nearest is above 1/3
  }
}
