// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;

/** From typing {@code ./nestor} to the prompt, on a terminal of the host's program script(1). */
final class StartBench {
  private static final String PROMPT = "nestor>";
  private static final String SIZE = "stty cols 100 rows 40; exec ";
  private static final long GRACE_SECONDS = 10;

  private final Path home;
  private final int runs;
  private final Progress progress;
  private final Cancellation cancellation;

  StartBench(Path home, int runs, Progress progress, Cancellation cancellation) {
    this.home = home;
    this.runs = runs;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  List<Figure> measure() throws BenchException, IOException, CommandException {
    List<Double> seconds = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int n = 0; n <= runs; n++) {
      progress.step(n == 0 ? "start to warm up" : "start " + n + " of " + runs);
      start(seconds, cpu);
      if (n == 0) {
        seconds.clear(); // it may have built something, and read from the disk
        cpu.clear();
      }
    }
    double none = Double.NaN;
    return List.of(
        Figure.of("start.prompt", "s", Medians.of(seconds), none, none),
        Figure.of("start.prompt.cpu", "CPU-s", Medians.of(cpu), none, none));
  }

  private void start(List<Double> seconds, List<Double> cpu)
      throws BenchException, IOException, CommandException {
    Process process;
    Instant begin = Instant.now();
    String quoted = "'" + home.resolve("nestor").toString().replace("'", "'\\''") + "'";
    ProcessBuilder builder =
        new ProcessBuilder("script", "-qec", SIZE + quoted, "/dev/null").redirectErrorStream(true);
    builder.environment().put("TERM", "xterm-256color");
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new CommandException(
          Command.BAD_INPUT, "'bench start' needs the program script (util-linux) on this host");
    }
    try (var _ = cancellation.watch(process);
        var _ = new Alarm(GRACE_SECONDS * 6, process::destroyForcibly)) {
      awaitPrompt(process);
      seconds.add(Duration.between(begin, Instant.now()).toNanos() / 1e9);
      cpu.add(new CpuMeter(process.toHandle(), "").sample().whole() / 1e9);
      process.getOutputStream().write("exit\r".getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      process.getInputStream().readAllBytes();
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static void awaitPrompt(Process process) throws IOException, BenchException {
    StringBuilder screen = new StringBuilder();
    byte[] bytes = new byte[4096];
    while (screen.indexOf(PROMPT) < 0) {
      int count = process.getInputStream().read(bytes);
      if (count < 0) {
        throw new BenchException("./nestor gave no prompt; it said: " + screen.toString().strip());
      }
      screen.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
    }
  }
}
