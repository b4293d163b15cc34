// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;

/** A clock that moves only when the test says so, and runs the timers it passes in order. */
public final class HandClock implements VirtualClock {
  private final TreeSet<HandTimer> armed = new TreeSet<>();
  private long now;
  private long sequence;
  private long epochSeconds;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public long epochSeconds() {
    return epochSeconds;
  }

  /** Sets the date the RTC starts from, in seconds since 1970-01-01 UTC. */
  public void setEpochSeconds(long seconds) {
    epochSeconds = seconds;
  }

  @Override
  public Timer timer(String name, Runnable onExpiry) {
    return new HandTimer(name, onExpiry);
  }

  /** Moves on by {@code nanos} and runs each timer at its deadline, the oldest armed first. */
  public void advanceNanos(long nanos) {
    if (nanos < 0) {
      throw new IllegalArgumentException("time does not run backwards: " + nanos);
    }
    advanceTo(now + nanos);
  }

  /** Moves on to an absolute time. */
  public void advanceTo(long target) {
    while (!armed.isEmpty() && armed.first().deadline <= target) {
      HandTimer next = armed.first();
      next.cancel();
      now = Math.max(now, next.deadline);
      next.onExpiry.run();
    }
    now = Math.max(now, target);
  }

  /** {@return the next deadline, or {@code Long.MAX_VALUE} if no timer is armed} */
  public long nextDeadline() {
    return armed.isEmpty() ? Long.MAX_VALUE : armed.first().deadline;
  }

  /** {@return the names of the timers that will expire, the next one first} */
  public List<String> armedTimers() {
    List<String> names = new ArrayList<>();
    for (HandTimer timer : armed) {
      names.add(timer.name);
    }
    return names;
  }

  private final class HandTimer implements Timer, Comparable<HandTimer> {
    private final String name;
    private final Runnable onExpiry;
    private long deadline = Long.MAX_VALUE;
    private long order;
    private boolean isArmed;

    HandTimer(String name, Runnable onExpiry) {
      this.name = name;
      this.onExpiry = onExpiry;
    }

    @Override
    public void arm(long deadlineNanos) {
      cancel();
      deadline = deadlineNanos;
      order = sequence++;
      isArmed = true;
      armed.add(this);
    }

    @Override
    public void cancel() {
      if (isArmed) {
        armed.remove(this);
        isArmed = false;
      }
    }

    @Override
    public boolean isArmed() {
      return isArmed;
    }

    @Override
    public long deadlineNanos() {
      return isArmed ? deadline : Long.MAX_VALUE;
    }

    @Override
    public int compareTo(HandTimer other) {
      int byDeadline = Long.compare(deadline, other.deadline);
      return byDeadline != 0 ? byDeadline : Long.compare(order, other.order);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
