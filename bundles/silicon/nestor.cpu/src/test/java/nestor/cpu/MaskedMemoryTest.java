// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.VectorBench.END;
import static nestor.cpu.VectorBench.ONE;
import static nestor.cpu.VectorBench.RDI;
import static nestor.cpu.VectorBench.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Elements that a mask leaves out are not accessed (SDM vol. 2, "Memory Fault Suppression"). The
 * page after the data is absent, and operands lie across its border.
 */
class MaskedMemoryTest {
  private static final int[] LOAD = {0x62, 0xF1, 0x7C, 0xC9, 0x10, 0x07}; // vmovups zmm0{k1}{z}
  private static final int[] STORE = {0x62, 0xF1, 0x7C, 0x49, 0x11, 0x07}; // vmovups [rdi]{k1}
  private static final int[] ALIGNED = {0x62, 0xF1, 0x7C, 0xC9, 0x28, 0x07}; // vmovaps
  private static final int[] VPSHUFB = {0x62, 0xF2, 0x75, 0x49, 0x00, 0x07};
  private static final int[] BROADCAST = {0x62, 0xF1, 0x74, 0x59, 0x58, 0x07}; // vaddps {1to16}
  private static final int[] COMPRESS = {0x62, 0xF2, 0x7D, 0x49, 0x8A, 0x07}; // vcompressps
  private static final int[] EXPAND = {0x62, 0xF2, 0x7D, 0xC9, 0x88, 0x07}; // vexpandps
  private static final int[] GATHER = {0x62, 0xF2, 0x7D, 0x49, 0x90, 0x04, 0x17}; // vpgatherdd
  private static final int[] SCATTER = {0x62, 0xF2, 0x7D, 0x49, 0xA0, 0x04, 0x17};

  private final VectorBench bench = new VectorBench();

  private TestMachine machine(long rdi) {
    bench.m.gpr(RDI, rdi);
    return bench.m;
  }

  @Test
  void aMaskedLoadReadsOnlyWhatIsChosen() {
    machine(END - 8).put(END - 4, 4, TWO);

    assertThat(bench.opmask(1, 3).fault(LOAD)).isEqualTo("none");
    assertThat(bench.elements(0, 3)).containsExactly(0, TWO, 0);
    assertThat(bench.opmask(1, 4).fault(LOAD)).isEqualTo("#PF(0)");
  }

  @Test
  void aMaskedStoreThatFaultsHasStoredNothing() {
    TestMachine m = machine(END - 8);
    bench.filled(0, ONE);

    assertThat(bench.opmask(1, 0b101).fault(STORE)).isEqualTo("#PF(2)");
    assertThat(m.at(END - 8, 8)).isZero();
    assertThat(bench.opmask(1, 0b010).fault(STORE)).isEqualTo("none");
    assertThat(m.at(END - 8, 8)).isEqualTo((long) ONE << 32);
  }

  @Test
  void aMaskedScalarIsNotRead() {
    machine(END);
    int[] add = {0x62, 0xF1, 0x76, 0x09, 0x58, 0x07}; // vaddss xmm0{k1}, xmm1, [rdi]
    int[] convert = {0x62, 0xF1, 0x76, 0x09, 0x5A, 0x07}; // vcvtss2sd xmm0{k1}, xmm1, [rdi]
    int[] move = {0x62, 0xF1, 0x7E, 0x09, 0x10, 0x07}; // vmovss xmm0{k1}, [rdi]

    for (int[] code : new int[][] {add, convert, move}) {
      assertThat(bench.opmask(1, 2).fault(code)).isEqualTo("none");
      assertThat(bench.opmask(1, 1).fault(code)).isEqualTo("#PF(0)");
    }
  }

  @Test
  void anExtractionToMemoryNeedsAllOfItsOperand() {
    machine(END - 8);
    int[] extract = {0x62, 0xF3, 0x7D, 0x49, 0x19, 0x07, 0}; // vextractf32x4 [rdi]{k1}, zmm0, 0

    assertThat(bench.opmask(1, 1).fault(extract)).isEqualTo("#PF(2)");
  }

  @Test
  void aBroadcastBlockIsReadWhereAnyCopyIsChosen() {
    machine(END - 8).put(END - 4, 4, TWO);
    int[] broadcast = {0x62, 0xF2, 0x7D, 0xC9, 0x1A, 0x07}; // vbroadcastf32x4 zmm0{k1}{z}, [rdi]

    assertThat(bench.opmask(1, 0b0010_0000).fault(broadcast)).isEqualTo("none");
    assertThat(bench.elements(0, 7)).containsExactly(0, 0, 0, 0, 0, TWO, 0);
    assertThat(bench.opmask(1, 0b0100_0000).fault(broadcast)).isEqualTo("#PF(0)");
  }

  @Test
  void aConversionWhoseStoreFaultsSetsNoFlag() {
    machine(END);
    int[] narrow = {0xC4, 0xE3, 0x79, 0x1D, 0x07, 0}; // vcvtps2ph [rdi], xmm0, 0
    bench.filled(0, 0x3F80_0001).mxcsr(0x1F80);

    assertThat(bench.fault(narrow)).isEqualTo("#PF(2)");
    assertThat(bench.mxcsr()).isEqualTo(0x1F80);
    assertThat(machine(END - 8).fault()).isEqualTo("none");
    assertThat(bench.mxcsr()).isEqualTo(0x1FA0);
  }

  @Test
  void aVexGatherThatFaultsHasClearedTheMaskOfWhatItPassed() {
    machine(END - 4).put(END - 4, 4, TWO);
    int[] gather = {0xC4, 0xE2, 0x65, 0x90, 0x04, 0x17}; // vpgatherdd ymm0, [rdi+ymm2], ymm3
    bench.filled(0, ONE).vector(2, 0, 0, 4).vector(3, -1, 1, -1, -1);

    assertThat(bench.fault(gather)).isEqualTo("#PF(0)");
    assertThat(bench.elements(0, 3)).containsExactly(TWO, ONE, ONE);
    assertThat(bench.elements(3, 4)).containsExactly(0, 0, -1, -1);
  }

  @Test
  void alignmentCountsAsSoonAsOneElementIsChosen() {
    machine(END - 8);

    assertThat(bench.opmask(1, 1).fault(ALIGNED)).isEqualTo("#GP(0)");
    assertThat(bench.opmask(1, 0).fault(ALIGNED)).isEqualTo("none");
  }

  @Test
  void instructionsWithoutFaultSuppressionReadAll() {
    machine(END - 8);

    assertThat(bench.opmask(1, 0).fault(VPSHUFB)).isEqualTo("#PF(0)");
  }

  @Test
  void anEmbeddedBroadcastIsReadIfAnyElementIsChosen() {
    machine(END);

    assertThat(bench.opmask(1, 0).fault(BROADCAST)).isEqualTo("none");
    assertThat(bench.opmask(1, 1 << 15).fault(BROADCAST)).isEqualTo("#PF(0)");
  }

  @Test
  void compressionAndExpansionTouchAsManyElementsAsAreChosen() {
    TestMachine m = machine(END - 8);
    bench.vector(0, ONE, 1, TWO);

    assertThat(bench.opmask(1, 0b101).fault(COMPRESS)).isEqualTo("none");
    assertThat(m.at(END - 8, 8)).isEqualTo((long) TWO << 32 | ONE);
    assertThat(bench.opmask(1, 0b111).fault(COMPRESS)).isEqualTo("#PF(2)");

    assertThat(bench.opmask(1, 0b1010).fault(EXPAND)).isEqualTo("none");
    assertThat(bench.elements(0, 5)).containsExactly(0, ONE, 0, TWO, 0);
    assertThat(bench.opmask(1, 0b111).fault(EXPAND)).isEqualTo("#PF(0)");
  }

  @Test
  void aGatherThatFaultsKeepsWhatItHasDone() {
    machine(END - 4).put(END - 4, 4, TWO);
    bench.filled(0, ONE).vector(2, 0, 4);

    assertThat(bench.opmask(1, 3).fault(GATHER)).isEqualTo("#PF(0)");
    assertThat(bench.elements(0, 2)).containsExactly(TWO, ONE);
    assertThat(bench.opmask(1)).isEqualTo(2);

    bench.m.mmu.absent.clear();
    assertThat(bench.fault(GATHER)).isEqualTo("none");
    assertThat(bench.elements(0, 3)).containsExactly(TWO, 0, ONE);
    assertThat(bench.opmask(1)).isZero();
  }

  @Test
  void aScatterThatFaultsKeepsWhatItHasDone() {
    TestMachine m = machine(END - 4);
    bench.filled(0, ONE).vector(2, 0, 4);

    assertThat(bench.opmask(1, 3).fault(SCATTER)).isEqualTo("#PF(2)");
    assertThat(m.at(END - 4, 4)).isEqualTo(ONE);
    assertThat(bench.opmask(1)).isEqualTo(2);
  }
}
