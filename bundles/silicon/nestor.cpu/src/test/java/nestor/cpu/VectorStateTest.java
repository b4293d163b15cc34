// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.VectorBench.CR0_EM;
import static nestor.cpu.VectorBench.CR0_TS;
import static nestor.cpu.VectorBench.DATA;
import static nestor.cpu.VectorBench.ONE;
import static nestor.cpu.VectorBench.OSFXSR;
import static nestor.cpu.VectorBench.OSXSAVE;
import static nestor.cpu.VectorBench.RDI;
import static nestor.cpu.VectorBench.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/**
 * Who may use vector registers, what an unaligned operand does, and what becomes of the upper parts
 * of registers (SDM vol. 2, "Instruction Exception Specification").
 */
class VectorStateTest {
  private static final int[] ADDPS = {0x0F, 0x58, 0xC1}; // addps xmm0, xmm1
  private static final int[] VADDPS = {0xC5, 0xF8, 0x58, 0xC1}; // vaddps xmm0, xmm0, xmm1
  private static final int[] VADDPS_512 = {0x62, 0xF1, 0x7C, 0x48, 0x58, 0xC1};
  private static final int[] KNOTW = {0xC5, 0xF8, 0x44, 0xC9}; // knotw k1, k1
  private static final int[] ADDPS_MEMORY = {0x0F, 0x58, 0x07}; // addps xmm0, [rdi]
  private static final int[] ADDSS_MEMORY = {0xF3, 0x0F, 0x58, 0x07};
  private static final int[] MOVUPS_MEMORY = {0x0F, 0x10, 0x07};
  private static final int[] MOVAPS_MEMORY = {0x0F, 0x28, 0x07};
  private static final int[] VADDPS_MEMORY = {0xC5, 0xF8, 0x58, 0x07};
  private static final int[] VMOVAPS_MEMORY = {0xC5, 0xF8, 0x28, 0x07};
  private static final int[] VMOVAPS_256 = {0xC5, 0xFC, 0x28, 0x07};
  private static final int[] VZEROUPPER = {0xC5, 0xF8, 0x77};
  private static final int[] VZEROALL = {0xC5, 0xFC, 0x77};

  private final VectorBench bench = new VectorBench();

  @Test
  void sseNeedsOsfxsrAndNoEmulation() {
    assertThat(bench.fault(ADDPS)).isEqualTo("none");
    assertThat(bench.clear(State.CR4, OSFXSR).fault(ADDPS)).isEqualTo("#UD");
    assertThat(bench.set(State.CR4, OSFXSR).set(State.CR0, CR0_EM).fault(ADDPS)).isEqualTo("#UD");
    assertThat(bench.clear(State.CR0, CR0_EM).set(State.CR0, CR0_TS).fault(ADDPS)).isEqualTo("#NM");
  }

  @Test
  void avxNeedsOsxsaveAndItsStateInXcr0() {
    assertThat(bench.clear(State.CR4, OSFXSR).fault(VADDPS)).isEqualTo("none");
    assertThat(bench.clear(State.CR4, OSXSAVE).fault(VADDPS)).isEqualTo("#UD");
    assertThat(bench.set(State.CR4, OSXSAVE).clear(State.XCR0, 4).fault(VADDPS)).isEqualTo("#UD");
    assertThat(bench.set(State.XCR0, 4).set(State.CR0, CR0_TS).fault(VADDPS)).isEqualTo("#NM");
  }

  @Test
  void avx512AndOpmasksNeedAllOfTheirState() {
    for (int component : new int[] {1 << 5, 1 << 6, 1 << 7}) {
      bench.clear(State.XCR0, component);
      assertThat(bench.fault(VADDPS_512)).isEqualTo("#UD");
      assertThat(bench.fault(KNOTW)).isEqualTo("#UD");
      assertThat(bench.fault(VADDPS)).isEqualTo("none");
      bench.set(State.XCR0, component);
    }
    assertThat(bench.fault(VADDPS_512)).isEqualTo("none");
    assertThat(bench.fault(KNOTW)).isEqualTo("none");
  }

  @Test
  void legacyFormsOfSixteenBytesMustBeAligned() {
    bench.m.gpr(RDI, DATA + 8);

    assertThat(bench.fault(ADDPS_MEMORY)).isEqualTo("#GP(0)");
    assertThat(bench.fault(MOVAPS_MEMORY)).isEqualTo("#GP(0)");
    assertThat(bench.fault(ADDSS_MEMORY)).isEqualTo("none");
    assertThat(bench.fault(MOVUPS_MEMORY)).isEqualTo("none");
  }

  @Test
  void vexFormsNeedNoAlignmentExceptTheAlignedMoves() {
    bench.m.gpr(RDI, DATA + 8);
    assertThat(bench.fault(VADDPS_MEMORY)).isEqualTo("none");
    assertThat(bench.fault(VMOVAPS_MEMORY)).isEqualTo("#GP(0)");

    bench.m.gpr(RDI, DATA + 16);
    assertThat(bench.fault(VMOVAPS_MEMORY)).isEqualTo("none");
    assertThat(bench.fault(VMOVAPS_256)).isEqualTo("#GP(0)");
  }

  @Test
  void legacyFormsKeepTheUpperPartAndVexFormsClearIt() {
    bench.filled(0, ONE).filled(1, ONE);
    assertThat(bench.fault(ADDPS)).isEqualTo("none");
    assertThat(bench.elements(0, 5)).containsExactly(TWO, TWO, TWO, TWO, ONE);

    bench.filled(0, ONE);
    assertThat(bench.fault(VADDPS)).isEqualTo("none");
    assertThat(bench.elements(0, 5)).containsExactly(TWO, TWO, TWO, TWO, 0);
    assertThat(bench.element(0, 15)).isZero();
  }

  @Test
  void vzeroupperClearsAboveTheXmmRegistersOfSixteen() {
    bench.filled(0, ONE).filled(15, ONE).filled(16, ONE);

    assertThat(bench.fault(VZEROUPPER)).isEqualTo("none");
    for (int register : new int[] {0, 15}) {
      assertThat(bench.elements(register, 5)).containsExactly(ONE, ONE, ONE, ONE, 0);
      assertThat(bench.element(register, 15)).isZero();
    }
    assertThat(bench.elements(16, 16)).containsOnly(ONE);

    assertThat(bench.fault(VZEROALL)).isEqualTo("none");
    assertThat(bench.elements(15, 16)).containsOnly(0);
    assertThat(bench.elements(16, 16)).containsOnly(ONE);
  }

  @Test
  void outside64BitModeEvexMovesIgnoreW() {
    int[] load = {0x62, 0xF1, 0xFD, 0x08, 0x6E, 0xC0}; // vmovq xmm0, rax in 64-bit mode
    int[] store = {0x62, 0xF1, 0xFD, 0x08, 0x7E, 0xC1}; // vmovq rcx, xmm0
    int[] insert = {0x62, 0xF3, 0xFD, 0x08, 0x22, 0xC0, 1}; // vpinsrq xmm0, xmm0, rax, 1
    int[] extract = {0x62, 0xF3, 0xFD, 0x08, 0x16, 0xC1, 1}; // vpextrq rcx, xmm0, 1
    int[] broadcast = {0x62, 0xF2, 0xFD, 0x48, 0x7C, 0xC0}; // vpbroadcastq zmm0, rax
    int[] broadcast256 = {0x62, 0xF2, 0xFD, 0x28, 0x7C, 0xC0};
    bench.filled(0, TWO).m.gpr(0, 5L << 32 | ONE);
    bench.m.set(State.CODE_SIZE, 32);

    assertThat(bench.fault(load)).isEqualTo("none");
    assertThat(bench.elements(0, 5)).containsExactly(ONE, 0, 0, 0, 0);
    assertThat(bench.fault(store)).isEqualTo("none");
    assertThat(bench.m.gpr(1)).isEqualTo(ONE);
    assertThat(bench.fault(insert)).isEqualTo("none");
    assertThat(bench.elements(0, 3)).containsExactly(ONE, ONE, 0);
    bench.m.gpr(1, 0);
    assertThat(bench.fault(extract)).isEqualTo("none");
    assertThat(bench.m.gpr(1)).isEqualTo(ONE);
    assertThat(bench.fault(broadcast)).isEqualTo("none");
    assertThat(bench.elements(0, 16)).containsOnly(ONE);
    assertThat(bench.fault(broadcast256)).isEqualTo("none");
    assertThat(bench.element(0, 7)).isEqualTo(ONE);
    assertThat(bench.element(0, 8)).isZero();
  }

  @Test
  void outside64BitModeVzeroallClearsEightRegisters() {
    bench.filled(7, ONE).filled(8, ONE);
    bench.m.set(State.CODE_SIZE, 32);

    assertThat(bench.fault(VZEROALL)).isEqualTo("none");
    assertThat(bench.elements(7, 16)).containsOnly(0);
    assertThat(bench.elements(8, 16)).containsOnly(ONE);
  }
}
