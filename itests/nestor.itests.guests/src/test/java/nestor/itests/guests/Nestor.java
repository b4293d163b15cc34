// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The script {@code nestor} as a process, on what this build has built so far. */
final class Nestor {
  private static final Path HOME = Path.of(System.getProperty("nestor.home")).toAbsolutePath();

  /** Characters that a condition is shown: a screen and more. */
  private static final int TAIL = 4096;

  /** How a run ended, and all that it printed. */
  record Result(int code, String output) {}

  private Nestor() {}

  /** {@return a process to start: the script with these arguments} */
  static ProcessBuilder builder(String... arguments) {
    List<String> words = new ArrayList<>(List.of(HOME.resolve("nestor").toString()));
    words.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("NESTOR_BUILT", System.getProperty("nestor.built"));
    return builder;
  }

  /** Runs a command to its end. */
  static Result run(Duration limit, String... arguments) throws IOException, InterruptedException {
    return runUntil(tail -> false, limit, arguments);
  }

  /**
   * Runs a command to its end, or until the last it printed is what is looked for; code -1 then.
   */
  static Result runUntil(Predicate<String> found, Duration limit, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = builder(arguments).redirectErrorStream(true);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    Thread killer = Thread.ofVirtual().start(() -> kill(process, limit));
    StringBuilder output = new StringBuilder();
    boolean stopped = false;
    char[] chunk = new char[1024];
    try (Reader reader = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
      for (int n; (n = reader.read(chunk)) >= 0; ) {
        output.append(chunk, 0, n);
        if (!stopped && found.test(output.substring(Math.max(0, output.length() - TAIL)))) {
          stopped = true;
          process.toHandle().destroy(); // the process itself would close the stream
        }
      }
    }
    int code = process.waitFor();
    killer.interrupt();
    return new Result(stopped ? -1 : code, output.toString());
  }

  private static void kill(Process process, Duration limit) {
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it has ended by itself
    }
  }
}
