// SPDX-License-Identifier: Apache-2.0
package nestor.itests.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import nestor.testkit.PseudoTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell as a person at a terminal sees it. */
class TerminalIT {
  private static final Path SCRIPT =
      Path.of(System.getProperty("nestor.home")).toAbsolutePath().resolve("nestor");
  private static final String PROMPT = "nestor>";
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir private Path person;

  private Process start(PseudoTerminal terminal) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString()).directory(person.toFile());
    builder.environment().put("NESTOR_BUILT", System.getProperty("nestor.built"));
    builder.environment().put("NESTOR_JVM", "-Duser.home=" + person);
    builder.environment().put("TERM", "xterm-256color");
    return terminal.start(builder);
  }

  @Test
  void theShellCompletesColoursRemembersAndLeaves() throws Exception {
    assumeThat(System.getProperty("os.name"))
        .as("this host is not Linux: it is")
        .isEqualTo("Linux");
    try (PseudoTerminal terminal = new PseudoTerminal()) {
      Process first = start(terminal);
      String greeting = terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      assertThat(greeting).as("colours").contains("\u001b[");
      assertThat(greeting).doesNotContain("WARNING").doesNotContain("Exception");

      terminal.type("ech\t");
      terminal.awaitText("echo", PATIENCE_MILLIS);
      terminal.type("hello $(echo there)\r");
      terminal.awaitText("hello there\r\n", PATIENCE_MILLIS);
      terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      terminal.type("exit\r");
      assertThat(first.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(first.exitValue()).isZero();
      assertThat(Files.readString(person.resolve(".nestor/history")))
          .contains("hello $(echo there)");

      Process second = start(terminal);
      terminal.awaitText(PROMPT, PATIENCE_MILLIS);
      terminal.type("\u0010\u0010\r"); // Ctrl-P twice: the line before the last
      terminal.awaitText("hello there\r\n", PATIENCE_MILLIS);
      terminal.type("\u0004"); // Ctrl-D
      assertThat(second.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(second.exitValue()).isZero();
    }
  }

  @Test
  void commandsCompleteTheirWordsAndTellWhatIsWrongInOneLine() throws Exception {
    assumeThat(System.getProperty("os.name"))
        .as("this host is not Linux: it is")
        .isEqualTo("Linux");
    try (PseudoTerminal terminal = new PseudoTerminal()) {
      Process shell = start(terminal);
      terminal.awaitText(PROMPT, PATIENCE_MILLIS);

      terminal.type("create ti\t");
      terminal.awaitText("ny", PATIENCE_MILLIS);
      terminal.type("--na\t");
      terminal.awaitText("me", PATIENCE_MILLIS);
      terminal.type("box\r");
      terminal.awaitText("box is ready; switch it on with: start box\r\n", PATIENCE_MILLIS);
      terminal.type("swap b\t");
      terminal.awaitText("ox", PATIENCE_MILLIS);
      terminal.type("ser\t");
      terminal.awaitText("ial0", PATIENCE_MILLIS);
      terminal.type("\r");
      terminal.awaitText("serial0 was exchanged; the machine stood still for", PATIENCE_MILLIS);

      terminal.type("devises box\r");
      terminal.awaitText(
          "there is no shell command 'devises'; did you mean 'devices'?\r\n", PATIENCE_MILLIS);
      terminal.type("mem box nowhere\r");
      String wrong = terminal.awaitText("decimal number, not nowhere\r\n", PATIENCE_MILLIS);
      assertThat(wrong).doesNotContain("Exception").doesNotContain("gogo");
      terminal.type("help swap\r");
      terminal.awaitText("Usage: swap [MACHINE] DEVICE [TYPE]", PATIENCE_MILLIS);
      terminal.type("exit\r");
      assertThat(shell.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(shell.exitValue()).isZero();
    }
  }
}
