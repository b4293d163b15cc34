// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the CPU time of another process, children included.
 *
 * <p>On Linux the scheduler's own figures are read, thread by thread, to the nanosecond; elsewhere
 * what the JDK knows has to do.
 */
final class CpuMeter {
  private static final Path PROC = Path.of("/proc");

  /** USER_HZ: the unit of {@code /proc/PID/stat} on every architecture that Linux runs Java on. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /** Field numbers in {@code /proc/PID/stat} after the name, from 0 (proc(5)). */
  private static final int UTIME = 11;

  private static final int STIME = 12;
  private static final int CUTIME = 13;
  private static final int CSTIME = 14;

  private final ProcessHandle process;
  private final String guestThread;
  private final Map<String, Long> seen = new HashMap<>();

  /**
   * Watches a process.
   *
   * @param guestThread name of the thread that runs the guest
   */
  CpuMeter(ProcessHandle process, String guestThread) {
    this.process = process;
    this.guestThread = guestThread;
  }

  /** {@return CPU time up to now; if the process has gone, what was known of it} */
  CpuSample sample() {
    if (!Files.isDirectory(PROC.resolve("self/task"))) {
      long nanos = process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
      return new CpuSample(nanos, nanos, 0);
    }
    long guest = threads(process.pid());
    long ended = 0;
    long ticks = 0;
    long[] stat = stat(process.pid());
    if (stat != null) {
      ticks = stat[UTIME] + stat[STIME] + stat[CUTIME] + stat[CSTIME];
      ended = stat[CUTIME] + stat[CSTIME];
    }
    for (ProcessHandle child : process.descendants().toList()) {
      threads(child.pid());
      long[] its = stat(child.pid());
      if (its != null) {
        ticks += its[UTIME] + its[STIME];
      }
    }
    // A child that has been waited for stands in the ticks of its parent, and in what was seen.
    long known = Math.max(0, endedChildren());
    long sum = seen.values().stream().mapToLong(Long::longValue).sum();
    return new CpuSample(
        sum + Math.max(0, ended * NANOS_PER_TICK - known), ticks * NANOS_PER_TICK, guest);
  }

  /** {@return what was seen of processes that are not there any more} */
  private long endedChildren() {
    long sum = 0;
    for (Map.Entry<String, Long> entry : seen.entrySet()) {
      String owner = entry.getKey().substring(0, entry.getKey().indexOf('/'));
      if (!owner.equals(Long.toString(process.pid())) && !Files.exists(PROC.resolve(owner))) {
        sum += entry.getValue();
      }
    }
    return sum;
  }

  /** Notes the times of a process's threads. Returns that of the guest's. */
  private long threads(long pid) {
    long guest = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("task"))) {
      for (Path task : tasks) {
        long time = runTime(task);
        if (time >= 0) {
          seen.put(pid + "/" + task.getFileName(), time);
          if (guestThread.equals(name(task))) {
            guest = time;
          }
        }
      }
    } catch (IOException e) {
      return 0; // it has ended meanwhile
    }
    return guest;
  }

  private static long runTime(Path task) {
    try {
      String text = Files.readString(task.resolve("schedstat"));
      return Long.parseLong(text.substring(0, text.indexOf(' ')));
    } catch (IOException | IndexOutOfBoundsException e) {
      return -1;
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static long[] stat(long pid) {
    try {
      String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      long[] values = new long[CSTIME + 1];
      for (int i = UTIME; i <= CSTIME; i++) {
        values[i] = Long.parseLong(fields[i]);
      }
      return values;
    } catch (IOException e) {
      return null; // it has ended meanwhile
    }
  }
}
