// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The mode of the terminal, set by the system's {@code stty}. */
final class Stty {
  private static final long LIMIT_SECONDS = 5;

  private final String saved;
  private boolean raw;

  private Stty(String saved) {
    this.saved = saved;
  }

  /** {@return the terminal of this process, or null if its mode cannot be changed} */
  static Stty open() {
    String saved = run("-g");
    return saved == null || saved.isBlank() ? null : new Stty(saved.strip());
  }

  /** Every key reaches the guest, and nothing is echoed. */
  synchronized void raw() {
    raw = run("raw", "-echo") != null;
  }

  /** Back to how it was. */
  synchronized void restore() {
    if (raw) {
      raw = false;
      run(saved);
    }
  }

  /** Calls stty on standard input, which may be another terminal than the controlling one. */
  private static String run(String... words) {
    List<String> command = new ArrayList<>(List.of("stty"));
    Collections.addAll(command, words);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      byte[] output = process.getInputStream().readAllBytes();
      boolean done = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
      return done ? new String(output, StandardCharsets.US_ASCII) : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
