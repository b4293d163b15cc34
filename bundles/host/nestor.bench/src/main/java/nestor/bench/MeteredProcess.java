// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** Runs a program, and stamps each line of its output with the CPU time it has used until then. */
final class MeteredProcess {
  private static final int LINES_SHOWN = 8;
  private static final long GRACE_SECONDS = 5;

  /** Name of the thread on which {@code ./nestor run} executes its guest. */
  static final String GUEST_THREAD = "nestor-pc";

  private final List<String> command;
  private final long limitSeconds;
  private final Cancellation cancellation;

  /**
   * A run to come.
   *
   * @param limitSeconds of real time, after which it is ended
   */
  MeteredProcess(List<String> command, long limitSeconds, Cancellation cancellation) {
    this.command = List.copyOf(command);
    this.limitSeconds = limitSeconds;
    this.cancellation = cancellation;
  }

  /**
   * Runs it until a line fits.
   *
   * @param last is asked about each line as it comes
   * @param endIt whether to end the process at that line; else its end is waited for
   * @return the lines up to that one
   * @throws BenchException if it cannot be started, or ended or lasted too long without the line
   */
  List<StampedLine> runUntil(Predicate<String> last, boolean endIt) throws BenchException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new BenchException("cannot start " + command.getFirst() + ": " + e.getMessage());
    }
    AtomicBoolean late = new AtomicBoolean();
    try (var _ = cancellation.watch(process);
        var _ = new Alarm(limitSeconds, () -> expire(process, late))) {
      process.getOutputStream().close(); // nobody types
      List<StampedLine> lines = new ArrayList<>();
      boolean found = read(process, last, endIt, lines);
      if (!found) {
        process.waitFor();
        throw new BenchException(
            (late.get()
                    ? "gave up after " + limitSeconds + " s"
                    : "ended with " + process.exitValue() + " too early")
                + ending(lines));
      }
      return lines;
    } catch (IOException e) {
      throw new BenchException("its output cannot be read: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted");
    } finally {
      end(process);
    }
  }

  private static void expire(Process process, AtomicBoolean late) {
    late.set(true);
    process.destroyForcibly();
  }

  private static boolean read(
      Process process, Predicate<String> last, boolean endIt, List<StampedLine> lines)
      throws IOException {
    CpuMeter meter = new CpuMeter(process.toHandle(), GUEST_THREAD);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    byte[] bytes = new byte[4096];
    InputStream in = process.getInputStream();
    boolean found = false;
    for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
      CpuSample cpu = meter.sample();
      for (int i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
          line.write(bytes[i]);
          continue;
        }
        String text = line.toString(StandardCharsets.ISO_8859_1).strip();
        line.reset();
        if (!found) {
          lines.add(new StampedLine(text, cpu));
          found = last.test(text);
        }
        if (found && endIt) {
          return true;
        }
      }
    }
    if (line.size() > 0 && !found) {
      lines.add(new StampedLine(line.toString(StandardCharsets.ISO_8859_1), CpuSample.ZERO));
    }
    return found;
  }

  private static String ending(List<StampedLine> lines) {
    StringBuilder text = new StringBuilder();
    for (StampedLine line : lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size())) {
      text.append("\n  | ").append(line.text());
    }
    return text.isEmpty() ? ", without a word" : "; its last lines:" + text;
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
