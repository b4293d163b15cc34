// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import nestor.api.machine.Machine;
import nestor.testkit.PseudoTerminal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a guest's characters can go: a terminal, a file, a TCP port, memory. */
class ConsolesIT {
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir private static Path folder;
  private static Nestor nestor;
  private static Path image;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    image = nestor.unitImage();
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  @Test
  void aFileGetsAllThatTheGuestSays() throws Exception {
    Path file = folder.resolve("said");

    Nestor.Result result =
        nestor.command("", "run", "tiny", "--set", "consoles.serial0=file:" + file);

    assertThat(result.out()).isEmpty();
    assertThat(result.code()).isEqualTo(1);
    assertThat(Files.readString(file)).startsWith("Hello from a guest").endsWith("\n20000\n");
  }

  @Test
  void aTcpCallerHearsWhatWasSaidAndCanType() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Machine machine =
        nestor.create(
            "tcp",
            "pc",
            "boot.kernel=" + image,
            "boot.append=echo",
            "consoles.serial0=tcp:" + port);
    machine.start();

    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      caller.setSoTimeout((int) PATIENCE_MILLIS);
      caller.getOutputStream().write("w".getBytes(StandardCharsets.US_ASCII));
      assertThat(line(caller.getInputStream())).startsWith("w at ");
      caller.getOutputStream().write("q".getBytes(StandardCharsets.US_ASCII));
      assertThat(machine.await(Duration.ofMillis(PATIENCE_MILLIS)))
          .hasValueSatisfying(end -> assertThat(end.exitCode()).isEqualTo(1));
    }
    assertThat(nestor.shell("console tcp serial0; destroy tcp").out()).startsWith("w at ");
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private Process startOnTerminal(PseudoTerminal terminal) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Nestor.HOME.resolve("nestor").toString(),
            "run",
            "pc",
            "--kernel",
            image.toString(),
            "--append",
            "echo");
    builder.environment().put("NESTOR_BUILT", System.getProperty("nestor.built"));
    builder.environment().put("TERM", "xterm");
    return terminal.start(builder);
  }

  @Test
  void onATerminalEveryKeyIsTheGuestsExceptAfterCtrlA() throws Exception {
    assumeThat(System.getProperty("os.name"))
        .as("this host is not Linux: it is")
        .isEqualTo("Linux");
    try (PseudoTerminal terminal = new PseudoTerminal()) {
      Process run = startOnTerminal(terminal);
      terminal.type("a"); // before anybody listens
      terminal.awaitText("a at ", PATIENCE_MILLIS);
      terminal.type("\u0003"); // Ctrl-C is the guest's too
      terminal.awaitText("\u0003 at ", PATIENCE_MILLIS);
      terminal.type("\u0001\u0001");
      terminal.awaitText("\u0001 at ", PATIENCE_MILLIS);
      terminal.type("\u0001h");
      terminal.awaitText("Ctrl-A x leaves", PATIENCE_MILLIS);

      terminal.type("\u0001c");
      terminal.awaitText("nestor> ", PATIENCE_MILLIS);
      terminal.type("machines\r");
      terminal.awaitText("pc       running", PATIENCE_MILLIS);
      terminal.type("devises\r");
      terminal.awaitText("did you mean 'devices'?", PATIENCE_MILLIS);
      terminal.awaitText("nestor> ", PATIENCE_MILLIS);
      terminal.type("exit\r");
      Thread.sleep(300);
      terminal.type("b");
      terminal.awaitText("b at ", PATIENCE_MILLIS);

      terminal.type("\u0001x");
      assertThat(run.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(run.exitValue()).isZero();
    }
  }

  @Test
  void theTerminalIsAsBeforeWhenTheGuestEndsByItself() throws Exception {
    assumeThat(System.getProperty("os.name"))
        .as("this host is not Linux: it is")
        .isEqualTo("Linux");
    try (PseudoTerminal terminal = new PseudoTerminal()) {
      String before = modes(terminal);
      Process run = startOnTerminal(terminal);
      terminal.type("z");
      terminal.awaitText("z at ", PATIENCE_MILLIS);
      String during = modes(terminal);
      terminal.type("q");

      assertThat(run.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
      assertThat(run.exitValue()).isEqualTo(1);
      assertThat(modes(terminal)).isEqualTo(before);
      assertThat(during).isNotEqualTo(before);
    }
  }

  private static String modes(PseudoTerminal terminal) throws Exception {
    Process stty =
        new ProcessBuilder("stty", "-g").redirectInput(terminal.device().toFile()).start();
    String modes = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(stty.waitFor()).isZero();
    return modes;
  }
}
