// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Programs of the host as stand-ins for emulators. */
class MeteredProcessTest {
  private static final String BUSY = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; ";

  private static MeteredProcess shell(String script, long limitSeconds) {
    return new MeteredProcess(List.of("sh", "-c", script), limitSeconds, new Cancellation());
  }

  @Test
  void workBetweenTwoLinesIsInTheStampOfTheSecond() throws BenchException {
    List<StampedLine> lines =
        shell("echo one; " + BUSY + "echo two; exec sleep 60", 60).runUntil("two"::equals, true);

    assertThat(lines).extracting(StampedLine::text).containsExactly("one", "two");
    long between = lines.get(1).cpu().whole() - lines.get(0).cpu().whole();
    assertThat(between).isGreaterThan(10_000_000L);
  }

  @Test
  void workOfChildrenCounts() throws BenchException {
    List<StampedLine> lines =
        shell("echo one; (" + BUSY + "true); echo two; exec sleep 60", 60)
            .runUntil("two"::equals, true);

    long between = lines.get(1).cpu().threads() - lines.get(0).cpu().threads();
    assertThat(between).isGreaterThan(10_000_000L);
  }

  @Test
  void waitingCostsNothing() throws BenchException {
    List<StampedLine> lines =
        shell("echo one; sleep 1; echo two", 60).runUntil("two"::equals, true);

    long between = lines.get(1).cpu().whole() - lines.get(0).cpu().whole();
    assertThat(between).isBetween(0L, 300_000_000L);
  }

  @Test
  void aProgramThatEndsTooEarlyIsQuoted() {
    assertThatThrownBy(() -> shell("echo kaputt; exit 3", 60).runUntil("two"::equals, true))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("ended with 3 too early")
        .hasMessageContaining("kaputt");
  }

  @Test
  void aProgramThatLastsTooLongIsEnded() {
    assertThatThrownBy(() -> shell("echo one; exec sleep 60", 1).runUntil("two"::equals, true))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("gave up after 1 s");
  }

  @Test
  void aMissingProgramIsNamed() {
    MeteredProcess process = new MeteredProcess(List.of("/no/such/program"), 1, new Cancellation());

    assertThatThrownBy(() -> process.runUntil("two"::equals, true))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("/no/such/program");
  }
}
