// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.function.LongSupplier;

/** Guest time that passes with the host's monotonic clock while a machine runs. */
final class HostTime {
  private final LongSupplier clock;
  private final Crew crew;
  private final Runnable onNearer;
  private volatile long passed;
  private volatile long since;
  private volatile boolean going;

  /**
   * Time at zero, standing still.
   *
   * @param clock nanoseconds of the host
   * @param onNearer told when a deadline is nearer than all others
   */
  HostTime(LongSupplier clock, Crew crew, Runnable onNearer) {
    this.clock = clock;
    this.crew = crew;
    this.onNearer = onNearer;
  }

  /** {@return guest time} Any thread; never less than what another thread has been given. */
  long nanos() {
    return going ? passed + clock.getAsLong() - since : passed;
  }

  /** Time passes from now on. All vCPUs stand still. */
  void go() {
    if (!going) {
      since = clock.getAsLong();
      going = true;
    }
  }

  /** Time stands still from now on. All vCPUs do too. */
  void hold() {
    if (going) {
      passed = nanos();
      going = false;
    }
  }

  /** {@return instructions retired by all vCPUs} */
  long retired() {
    return crew.retired();
  }

  void guarded(Runnable work) {
    crew.guarded(work);
  }

  void nearer() {
    onNearer.run();
  }
}
