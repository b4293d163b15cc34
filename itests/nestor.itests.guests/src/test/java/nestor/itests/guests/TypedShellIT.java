// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import nestor.testkit.PseudoTerminal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A person at a terminal types at Debian's kernel (MCH-06, OBS-12). */
class TypedShellIT {
  private static final long PATIENCE_MILLIS = 300_000;
  private static final String PROMPT = "/root # ";

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(Duration.ofMinutes(15), "guests", "fetch", "linux");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  @Test
  void aShellTakesTypingAndPoweroffEndsWithZero() throws Exception {
    assumeThat(System.getProperty("os.name"))
        .as("this host is not Linux: it is")
        .isEqualTo("Linux");
    try (PseudoTerminal terminal = new PseudoTerminal()) {
      Process run = terminal.start(Nestor.builder("run", "linux", "--timeout", "600"));
      String log = terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      assertThat(log.lines())
          .noneMatch(line -> LinuxIT.COMPLAINTS.stream().anyMatch(line::contains));

      terminal.type("echo six by seven is $((6*7))\r");
      terminal.awaitText("six by seven is 42\r\n", PATIENCE_MILLIS);
      terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      terminal.type("echo sleeping; sleep 1000\r");
      terminal.awaitText("\nsleeping\r\n", PATIENCE_MILLIS); // the line editor has let go
      terminal.type("\u0003"); // Ctrl-C is for what runs in the guest
      terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      terminal.type("poweroff\r");

      assertThat(run.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(run.exitValue()).isZero();
    }
  }
}
