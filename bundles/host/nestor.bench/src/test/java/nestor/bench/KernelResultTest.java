// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelResultTest {
  private static StampedLine line(String text, long micros) {
    return new StampedLine(text, new CpuSample(micros * 1000, 0, 0));
  }

  @Test
  void aKernelCostsWhatPassedBetweenItsLinesForEachIteration() {
    Map<String, KernelResult> results =
        KernelResult.of(
            List.of(
                line("a message of the kernel", 1),
                line("C sieve 00ff", 5),
                line("B sieve 0", 10),
                line("[    1.0] noise", 30),
                line("E sieve 0 4 12345 678 1.0 it/s", 50),
                line("B sieve 1", 60),
                line("E sieve 1 4 12345 678 1.0 it/s", 80),
                line("S avxfma no-avx2-fma", 80),
                line("BENCHDONE 7", 81)));

    assertThat(results).containsOnlyKeys("sieve", "avxfma");
    assertThat(results.get("sieve").costs()).containsExactly(10.0, 5.0);
    assertThat(results.get("sieve").cost()).isEqualTo(7.5);
    assertThat(results.get("sieve").checksum()).isEqualTo("00ff");
    assertThat(results.get("avxfma").skipped()).isEqualTo("no-avx2-fma");
    assertThat(results.get("avxfma").cost()).isNaN();
  }

  @Test
  void twoLinesThatCameAtOnceGiveNoFigure() {
    Map<String, KernelResult> results =
        KernelResult.of(List.of(line("B fork 0", 10), line("E fork 0 2 1 1 1.0 it/s", 10)));

    assertThat(results.get("fork").cost()).isNaN();
  }

  @Test
  void kernelsOfOneScaleShareACall() {
    List<List<String>> calls =
        Kernels.calls(List.of("sieve", "chase64M", "fork"), k -> k.startsWith("c") ? 1 : 4, 3);

    assertThat(Kernels.script(calls))
        .isEqualTo(
            "bench -s 4.0000 -r 3 sieve fork\nbench -s 1.0000 -r 3 chase64M\necho NESTOR-BENCH-DONE\n");
  }
}
