// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.time.Timer;
import nestor.vcpu.ApicBus;

/**
 * The local APIC's timer: one-shot, periodic and TSC-deadline (SDM vol. 3A, "APIC Timer").
 *
 * <p>The current count is never stored: it follows from the instant the count was started.
 */
final class ApicTimer {
  private static final long NANOS = 1_000_000_000L;
  private static final int ONE_SHOT = 0;
  private static final int PERIODIC = 1;
  private static final int DEADLINE = 2;

  private final ApicBus bus;
  private final Runnable expired;
  private final Timer timer;

  private int mode;
  private int divideRegister;
  private long initial;
  private long startNanos;
  private long deadline;

  /** Whether it counts: a one-shot that has ended stays at 0 in whatever mode, until written. */
  private boolean running;

  ApicTimer(ApicBus bus, Runnable expired) {
    this.bus = bus;
    this.expired = expired;
    timer = bus.clock().timer("apic timer " + bus.vcpu().index, this::fire);
  }

  void reset() {
    timer.cancel();
    mode = ONE_SHOT;
    divideRegister = 0;
    initial = 0;
    startNanos = 0;
    deadline = 0;
    running = false;
  }

  /** The mode field of the LVT entry was written: 0-3. */
  void setMode(int newMode) {
    if (newMode == mode) {
      return;
    }
    boolean wasDeadline = mode == DEADLINE;
    if (running) {
      rebase();
    }
    mode = newMode;
    if (wasDeadline || mode == DEADLINE) { // the other kind of timer is disarmed
      initial = 0;
      deadline = 0;
      running = false;
      timer.cancel();
    } else {
      arm();
    }
  }

  int divideRegister() {
    return divideRegister;
  }

  void setDivide(int value) {
    long now = current();
    divideRegister = value & 0xB;
    if (running && now != 0) {
      // The count goes on from where it is, at the new rate.
      startNanos = bus.clock().nanos() - nanosOf(initial - now);
      arm();
    }
  }

  private int divisor() {
    int code = (divideRegister & 3) | (divideRegister & 8) >> 1;
    return code == 7 ? 1 : 2 << code;
  }

  long initial() {
    return initial;
  }

  void setInitial(long value) {
    if (mode == DEADLINE) {
      return;
    }
    initial = value;
    startNanos = bus.clock().nanos();
    running = value != 0;
    if (value == 0) {
      timer.cancel();
    } else {
      arm();
    }
  }

  /** {@return the current count} */
  long current() {
    if (!running) {
      return 0;
    }
    long counted = countsIn(bus.clock().nanos() - startNanos);
    if (mode == PERIODIC) {
      return initial - counted % initial;
    }
    return Math.max(0, initial - counted);
  }

  private long countsIn(long nanos) {
    long hertz = bus.timerHertz();
    long seconds = nanos / NANOS;
    return (seconds * hertz + nanos % NANOS * hertz / NANOS) / divisor();
  }

  /**
   * {@return the first instant at which {@code counts} have passed, in nanoseconds from the start}
   */
  private long nanosOf(long counts) {
    long hertz = bus.timerHertz();
    long cycles = counts * divisor();
    long seconds = cycles / hertz;
    return seconds * NANOS + (cycles % hertz * NANOS + hertz - 1) / hertz;
  }

  /** Makes the start that of the period which runs, so that a one-shot may go on from here. */
  private void rebase() {
    long counted = countsIn(bus.clock().nanos() - startNanos);
    if (mode == PERIODIC) {
      startNanos += nanosOf(counted / initial * initial);
    }
  }

  private void arm() {
    if (!running) {
      return;
    }
    long counted = countsIn(bus.clock().nanos() - startNanos);
    if (mode == PERIODIC) {
      timer.arm(startNanos + nanosOf((counted / initial + 1) * initial));
    } else if (counted < initial) {
      timer.arm(startNanos + nanosOf(initial));
    } else {
      timer.cancel();
    }
  }

  private void fire() {
    if (mode == DEADLINE) {
      if (bus.tsc() - deadline < 0) {
        armDeadline(); // rounding: not there yet
        return;
      }
      deadline = 0;
      expired.run();
      return;
    }
    running = mode == PERIODIC;
    expired.run();
    arm();
  }

  long deadline() {
    return mode == DEADLINE ? deadline : 0;
  }

  void setDeadline(long tsc) {
    if (mode != DEADLINE) {
      return;
    }
    deadline = tsc;
    armDeadline();
  }

  void tscChanged() {
    if (mode == DEADLINE) {
      armDeadline();
    }
  }

  private void armDeadline() {
    if (deadline == 0) {
      timer.cancel();
      return;
    }
    long ticks = deadline - bus.tsc();
    if (ticks <= 0) {
      timer.arm(bus.clock().nanos());
      return;
    }
    long hertz = bus.tscHertz();
    long seconds = ticks / hertz;
    if (seconds > 1_000_000_000L) {
      timer.cancel(); // centuries away
      return;
    }
    timer.arm(bus.clock().nanos() + seconds * NANOS + (ticks % hertz * NANOS + hertz - 1) / hertz);
  }

  void save(StateWriter out) {
    out.putLong("timerMode", mode);
    out.putLong("divide", divideRegister);
    out.putLong("initial", initial);
    out.putLong("elapsedNanos", bus.clock().nanos() - startNanos);
    out.putLong("deadline", deadline);
    out.putLong("running", running ? 1 : 0);
  }

  void restore(StateReader in) {
    timer.cancel();
    mode = in.getInt("timerMode");
    divideRegister = in.getInt("divide");
    initial = in.getLong("initial");
    startNanos = bus.clock().nanos() - in.getLong("elapsedNanos");
    deadline = in.getLong("deadline");
    running = in.getLong("running") != 0;
    if (mode == DEADLINE) {
      armDeadline();
    } else {
      arm();
    }
  }
}
