// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/**
 * How long to wait for a thread: as long as it has neither used so much CPU time nor stood still
 * for so long. A thread that a busy host seldom lets run is not late.
 */
final class Patience {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long thread;
  private final long limit;
  private final long start;
  private long last;
  private long stillSince;

  Patience(Thread thread, Duration limit) {
    this.thread = thread.threadId();
    this.limit = limit.toNanos();
    this.start = cpuNanos();
    this.last = start;
    this.stillSince = System.nanoTime();
  }

  /** {@return CPU time of the thread; always the same where the JVM does not tell} */
  private long cpuNanos() {
    return THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(thread) : 0;
  }

  /** {@return whether the thread is late} To be asked again and again. */
  boolean isOver() {
    long cpu = cpuNanos();
    long now = System.nanoTime();
    if (cpu != last) {
      last = cpu;
      stillSince = now;
    }
    return cpu - start >= limit || now - stillSince >= limit;
  }
}
