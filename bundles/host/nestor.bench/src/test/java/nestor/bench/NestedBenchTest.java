// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NestedBenchTest {
  private static StampedLine line(String text, long micros) {
    return new StampedLine(text, new CpuSample(micros * 1000, 0, 0));
  }

  private static final List<StampedLine> RUN =
      List.of(
          line("NESTOR-INIT", 5),
          line("C sieve 00ff", 5),
          line("B sieve 0", 10),
          line("E sieve 0 4 12345 678 1.0 it/s", 50),
          line("L2START", 100),
          line("NESTOR-INIT", 3_000_100),
          line("C sieve 00ff", 3_000_100),
          line("B sieve 0", 3_000_200),
          line("E sieve 0 4 12345 678 1.0 it/s", 3_000_250));

  @Test
  void whatComesAfterTheStartOfL2IsL2s() {
    NestedBench.Levels levels = NestedBench.Levels.of(RUN);

    assertThat(levels.l1().get("sieve").cost()).isEqualTo(10);
    assertThat(levels.l2Cost("sieve")).isEqualTo(12.5);
    assertThat(levels.l2OverL1("sieve")).isEqualTo(0.8, within(1e-9));
    assertThat(levels.boot()).isEqualTo(3.0, within(1e-9));
  }

  @Test
  void aRunWithoutL2HasNoFiguresOfIt() {
    NestedBench.Levels levels = NestedBench.Levels.of(RUN.subList(0, 4));

    assertThat(levels.boot()).isNaN();
    assertThat(levels.l2Cost("sieve")).isNaN();
    assertThat(levels.l2OverL1("sieve")).isNaN();
  }

  @Test
  void anExitCostsWhatPassedBetweenItsLines() {
    assertThat(
            ExitBench.results(
                    List.of(
                        line("B micro-cpuid 0", 10),
                        line("E micro-cpuid 0 20 1 1 1 /s (guest asked to end; io 1)", 50),
                        line("B micro-npf 0", 50),
                        line("E micro-npf 0 10 1 1 1 /s", 150)))
                .values())
        .extracting(KernelResult::cost)
        .containsExactly(2.0, 10.0);
  }

  @Test
  void aNestedPageFaultNeedsAPageEachTime() {
    assertThat(ExitBench.script(2, 4))
        .contains("minivmm micro cpuid 40000\nminivmm micro cpuid 40000\n")
        .contains("minivmm micro npf 16000\n");
    assertThat(ExitBench.script(1, 0.4)).contains("micro npf 4000\n");
  }
}
