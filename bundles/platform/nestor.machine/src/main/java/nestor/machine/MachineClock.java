// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Guest time as the number of instructions retired by all vCPUs, and of ticks skipped while all of
 * them were idle.
 *
 * <p>While a vCPU runs, the time is read from its budget, so that nothing has to be counted per
 * instruction. Arming a timer that is due before the budget ends cuts the budget; the cut is taken
 * off what was granted, so time does not notice.
 *
 * <p>Where vCPUs run in parallel guest time is the host's instead, but for the time in which the
 * machine stands still. Timers then belong to whoever has the board, and are run by the machine's
 * thread.
 */
final class MachineClock implements VirtualClock {
  private static final long SECOND = 1_000_000_000L;
  private static final long HIGHEST_HERTZ = 9_000_000_000L;

  private final long hertz;
  private final long epochSeconds;
  private final TimerHeap timers = new TimerHeap();
  private long ticks;
  private long retired;
  private long granted;
  private Vcpu running;
  private HostTime host;

  /** A clock at time zero with so many ticks a second. */
  MachineClock(long hertz, long epochSeconds) {
    if (hertz < 1 || hertz > HIGHEST_HERTZ) {
      throw new IllegalArgumentException("the clock must have 1 to 9000000000 Hz: " + hertz);
    }
    this.hertz = hertz;
    this.epochSeconds = epochSeconds;
  }

  long hertz() {
    return hertz;
  }

  /** {@return ticks since power-on; within an instruction, those before it} */
  long ticks() {
    Vcpu v = running;
    if (v == null) {
      return host == null ? ticks : toTicks(host.nanos());
    }
    return ticks + granted - State.remaining(v.state);
  }

  /** {@return instructions retired by all vCPUs} */
  long retired() {
    Vcpu v = running;
    if (host != null) {
      return host.retired();
    }
    return v == null ? retired : retired + granted - State.remaining(v.state);
  }

  @Override
  public long nanos() {
    return toNanos(ticks());
  }

  @Override
  public long epochSeconds() {
    return epochSeconds;
  }

  @Override
  public Timer timer(String name, Runnable onExpiry) {
    return newTimer(name, onExpiry);
  }

  ClockTimer newTimer(String name, Runnable onExpiry) {
    return new ClockTimer(this, name, onExpiry);
  }

  /** From now on time passes with the host's. */
  void follow(HostTime time) {
    host = time;
  }

  /** Time passes again. Only where it follows the host's. */
  void go() {
    host.go();
  }

  /** Time stands still. */
  void hold() {
    host.hold();
  }

  /** {@return host time until the next deadline; a long time if there is none} */
  long nanosToNext() {
    long next = nextTick();
    return next == Long.MAX_VALUE ? SECOND : Math.clamp(toNanos(next) - nanos(), 0, SECOND);
  }

  /** {@return the time of a tick} */
  long toNanos(long count) {
    if (hertz == SECOND) {
      return count;
    }
    return count / hertz * SECOND + count % hertz * SECOND / hertz;
  }

  /** {@return the first tick at or past a time} */
  long toTicks(long nanos) {
    if (hertz == SECOND || nanos == Long.MAX_VALUE) {
      return nanos;
    }
    long seconds = Math.floorDiv(nanos, SECOND);
    long rest = Math.floorMod(nanos, SECOND);
    if (seconds >= Long.MAX_VALUE / hertz) {
      return Long.MAX_VALUE;
    }
    return seconds * hertz + (rest * hertz + SECOND - 1) / SECOND;
  }

  /** A vCPU gets the turn for at most so many instructions. */
  void begin(Vcpu vcpu, long budget) {
    State.set(vcpu.state, State.POSITION, 0);
    State.set(vcpu.state, State.BUDGET, budget);
    granted = budget;
    running = vcpu;
    publish(vcpu);
  }

  /** Tells engines when the budget ends, if a tick is a tick of the TSC too. */
  private void publish(Vcpu v) {
    boolean same = hertz == SECOND && v.core != null && v.core.tscHertz() == SECOND;
    State.set(v.state, State.TSC_AT_END, same ? ticks + granted : 0);
  }

  /** The vCPU stands at a boundary again. Returns instructions that it retired. */
  long end() {
    long count = granted - State.remaining(running.state);
    running = null;
    ticks += count;
    retired += count;
    return count;
  }

  /** Skips idle time. */
  void advanceTo(long tick) {
    if (tick > ticks) {
      ticks = tick;
    }
  }

  /** {@return the vCPU that has the turn, or null} */
  Vcpu running() {
    return running;
  }

  /** {@return the tick of the next deadline, or {@code Long.MAX_VALUE}} */
  long nextTick() {
    return timers.isEmpty() ? Long.MAX_VALUE : timers.first().tick;
  }

  /** Runs the timers that are due, in the order of their deadlines. No vCPU has the turn. */
  void expire() {
    while (!timers.isEmpty() && timers.first().tick <= ticks()) {
      ClockTimer due = timers.first();
      timers.remove(due);
      due.onExpiry.run();
    }
  }

  void armed(ClockTimer timer) {
    if (host != null) {
      host.guarded(
          () -> {
            timers.add(timer);
            if (timers.first() == timer) {
              host.nearer();
            }
          });
      return;
    }
    timers.add(timer);
    Vcpu v = running;
    if (v != null) {
      // The current instruction takes one tick; what remains until the deadline may follow it.
      long budget = State.get(v.state, State.BUDGET);
      v.limitBudget(Math.max(0, timer.tick - ticks() - 1));
      granted -= budget - State.get(v.state, State.BUDGET);
      publish(v);
    }
  }

  void disarmed(ClockTimer timer) {
    if (host == null) {
      timers.remove(timer);
    } else {
      host.guarded(
          () -> {
            if (timer.place >= 0) {
              timers.remove(timer);
            }
          });
    }
  }

  /** {@return armed timers by name, for people} */
  Iterable<ClockTimer> armedTimers() {
    return timers.list();
  }
}
