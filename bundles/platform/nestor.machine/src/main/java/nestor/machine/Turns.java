// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Arrays;
import java.util.Map;
import nestor.vcpu.Engine;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Who runs, and for how long: turns of fixed length, round robin, on one thread.
 *
 * <p>A turn ends when its instructions are used up, or when the vCPU halts or gives way (PAUSE asks
 * for a stop). It is interrupted, not ended, by the deadline of a timer. Nothing here depends on
 * the host, on block boundaries or on the engine.
 */
final class Turns implements Schedule {
  /** Instructions of one turn while others wait for theirs. */
  static final long LENGTH = 10_000;

  /** Instructions of one turn of a vCPU that has no others beside it: until somebody looks. */
  static final long LENGTH_ALONE = 500_000;

  private final MachineClock clock;
  private final Vcpu[] vcpus;
  private final Engine[] engines;
  private final long[] fruitless;
  private int turn;
  private long left;
  private Tracer tracer;

  Turns(MachineClock clock, Vcpu[] vcpus, Engine[] engines) {
    this.clock = clock;
    this.vcpus = vcpus;
    this.engines = engines;
    fruitless = new long[vcpus.length];
  }

  /** Takes the timers that are due, then runs one vCPU up to the end of its turn or a deadline. */
  @Override
  public int step(long limit) {
    clock.expire();
    if (left <= 0 || !isRunnable(vcpus[turn])) {
      if (!next()) {
        return IDLE;
      }
    }
    Vcpu v = vcpus[turn];
    long budget = Math.min(left, Math.min(clock.nextTick(), limit) - clock.ticks());
    int cause = tracer == null ? run(v, budget) : runTraced(v, budget);
    if (cause == Engine.SHUTDOWN) {
      left = 0;
      return SHUTDOWN;
    }
    if (cause != Engine.BUDGET) {
      left = 0;
    }
    return RAN;
  }

  private int run(Vcpu v, long budget) {
    clock.begin(v, budget);
    int cause = Engine.STOPPED;
    try {
      cause = engines[v.index].run();
      fruitless[v.index] = cause == Engine.HALTED ? State.get(v.state, State.PENDING) : 0;
    } finally {
      left -= clock.end();
    }
    return cause;
  }

  /** One instruction at a time; events fall where they would fall without a tracer. */
  private int runTraced(Vcpu v, long budget) {
    long end = clock.ticks() + budget;
    int cause = Engine.BUDGET;
    while (cause == Engine.BUDGET && clock.ticks() < Math.min(end, clock.nextTick())) {
      tracer.before(v);
      cause = run(v, 1);
    }
    return cause;
  }

  private boolean next() {
    for (int i = 1; i <= vcpus.length; i++) {
      int candidate = (turn + i) % vcpus.length;
      if (isRunnable(vcpus[candidate])) {
        turn = candidate;
        left = vcpus.length == 1 ? LENGTH_ALONE : LENGTH;
        return true;
      }
    }
    return false;
  }

  /**
   * A vCPU that does not execute can only be moved by an event, and an event sets attention. Events
   * that did not move it the last time, such as an interrupt after HLT with IF = 0, will not now.
   */
  private boolean isRunnable(Vcpu v) {
    long activity = State.get(v.state, State.ACTIVITY);
    if (activity == State.ACTIVE) {
      return true;
    }
    long pending = State.get(v.state, State.PENDING);
    return (activity != State.SHUTDOWN || v.intercepts.guest)
        && pending != 0
        && pending != fruitless[v.index]
        && State.get(v.state, State.ATTENTION) != 0;
  }

  @Override
  public int turn() {
    return turn;
  }

  /** Instructions left of it. */
  long left() {
    return left;
  }

  /** The first vCPU has the next turn. */
  @Override
  public void restart() {
    turn = vcpus.length - 1;
    left = 0;
    Arrays.fill(fruitless, 0);
  }

  @Override
  public long pauseNanos() {
    return 0; // nothing runs in the background
  }

  @Override
  public void stop() {
    // Between two steps every vCPU stands at a boundary.
  }

  @Override
  public void guarded(Runnable work) {
    work.run();
  }

  @Override
  public void setTracer(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of();
  }

  @Override
  public void close() {
    // There is no thread of its own.
  }
}
