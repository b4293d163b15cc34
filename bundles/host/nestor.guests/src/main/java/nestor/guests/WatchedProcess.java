// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Runs a program of the host to its end, unless it stops to make progress: the package client waits
 * for ever on some full disks and dead networks.
 */
final class WatchedProcess {
  private static final int LOOK_SECONDS = 5;

  /** How a program ended, and all that it printed. */
  record Result(int status, String output, boolean stalled) {}

  private final int patienceSeconds;
  private volatile Process running;
  private volatile boolean cancelled;

  /**
   * @param patienceSeconds after which a program counts as stuck that printed and wrote nothing
   */
  WatchedProcess(int patienceSeconds) {
    this.patienceSeconds = patienceSeconds;
  }

  /**
   * Runs {@code command} in {@code folder}.
   *
   * @param growing the folder whose size is progress
   * @param tick told that size every few seconds, when it changed
   */
  Result run(Path folder, Path growing, LongConsumer tick, List<String> command)
      throws GuestException, IOException {
    if (cancelled) {
      throw new GuestException("cancelled");
    }
    Path log = Files.createTempFile("nestor-guests-", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(log.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
      builder.environment().remove("APT_CONFIG");
      running = builder.start();
      boolean stalled = !watch(growing, log, tick);
      if (cancelled) {
        throw new GuestException("cancelled");
      }
      if (stalled) {
        end();
        if (!running.waitFor(LOOK_SECONDS, TimeUnit.SECONDS)) {
          running.destroyForcibly().waitFor();
        }
      }
      return new Result(
          running.exitValue(), Files.readString(log, StandardCharsets.ISO_8859_1), stalled);
    } catch (InterruptedException e) {
      end();
      Thread.currentThread().interrupt();
      throw new GuestException("interrupted", e);
    } finally {
      running = null;
      Files.deleteIfExists(log);
    }
  }

  /** Ends what runs, with its children, and whatever is run later. Called on any thread. */
  void cancel() {
    cancelled = true;
    end();
  }

  private void end() {
    Process process = running;
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  /** True if the process ended by itself. */
  private boolean watch(Path growing, Path log, LongConsumer tick)
      throws InterruptedException, IOException {
    long before = -1;
    int still = 0;
    int step = Math.min(LOOK_SECONDS, patienceSeconds);
    while (!running.waitFor(step, TimeUnit.SECONDS)) {
      long size = sizeOf(growing);
      long progress = size + Files.size(log);
      if (progress != before) {
        before = progress;
        still = 0;
        tick.accept(size);
      } else {
        still += step;
        if (still >= patienceSeconds) {
          return false;
        }
      }
    }
    return true;
  }

  private static long sizeOf(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0; // files come and go meanwhile, and the next look will tell
    }
  }
}
