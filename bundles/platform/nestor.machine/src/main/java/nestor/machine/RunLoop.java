// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import nestor.api.machine.Ending;
import nestor.api.machine.MachineState;

/**
 * What the machine's thread does: turns of the vCPUs, input and output between them, waiting.
 *
 * <p>Without anybody at a console an idle machine jumps to the next deadline. With somebody there
 * it waits on the host's clock, until the deadline or until something is typed.
 */
final class RunLoop implements MachineThread.Work {
  private static final long FOREVER = 1_000_000_000L;
  private static final long BACKLOG_PAUSE = 1_000_000L;

  private final Pc pc;
  private final BootImage image;
  private final boolean reboots;
  private final InputLog log;
  private final LongSupplier hostNanos;
  private final Consumer<Ending> onEnding;
  private volatile MachineState state = MachineState.CREATED;
  private boolean inputWaits;
  private boolean live;
  private boolean backlog;
  private boolean saidStuck;
  private long idleSince;
  private final Leash leash = new Leash();
  private int starts;
  private long powerOnCpuNanos;

  RunLoop(
      Pc pc,
      BootImage image,
      boolean reboots,
      InputLog log,
      LongSupplier hostNanos,
      Consumer<Ending> onEnding) {
    this.pc = pc;
    this.image = image;
    this.reboots = reboots;
    this.log = log;
    this.hostNanos = hostNanos;
    this.onEnding = onEnding;
  }

  MachineState state() {
    return state;
  }

  int starts() {
    return starts;
  }

  /** {@return CPU time of the process when the machine was first powered on} */
  long powerOnCpuNanos() {
    return powerOnCpuNanos;
  }

  /** {@return CPU time of all threads of the process, in the host's ticks} */
  static long processCpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  @Override
  public void signalled() {
    live = pc.consoles.isLive();
    inputWaits = pc.consoles.hasTyped();
  }

  @Override
  public void beforeTasks() {
    pc.schedule.stop();
  }

  @Override
  public long step() {
    if (state != MachineState.RUNNING && state != MachineState.AWAITING_DEVICE) {
      return FOREVER;
    }
    if (pc.slots.isAwaiting()) {
      return awaitDevice();
    }
    if (!pc.hasEngine()) {
      return FOREVER;
    }
    if (leash.isReached(pc.clock.ticks())) {
      pause();
      return 0;
    }
    state = MachineState.RUNNING;
    if (backlog) {
      backlog = pc.consoles.isFull();
      if (backlog) {
        pc.schedule.stop();
        return BACKLOG_PAUSE;
      }
    }
    if (inputWaits || (log != null && log.nextTick() <= pc.clock.ticks())) {
      takeInput();
    }
    try {
      return turn();
    } catch (RuntimeException | Error e) {
      fail(e);
      return 0;
    }
  }

  private long turn() {
    int outcome = pc.schedule.step(leash.limit(log == null ? Long.MAX_VALUE : log.nextTick()));
    pc.schedule.guarded(this::flush);
    if (pc.requests.isWaiting()) {
      obey();
      return 0;
    }
    switch (outcome) {
      case Schedule.SHUTDOWN -> {
        die();
        return 0;
      }
      case Schedule.IDLE -> {
        return idle();
      }
      default -> {
        idleSince = 0;
        return pc.schedule.pauseNanos();
      }
    }
  }

  private void flush() {
    if (pc.consoles.flush()) {
      backlog = pc.consoles.isFull();
    }
  }

  private void takeInput() {
    inputWaits = false;
    if (idleSince != 0 && (log == null || !log.isReplay())) {
      // Somebody typed while the machine waited: the wait has lasted so long in guest time too.
      long waited = pc.clock.toTicks(hostNanos.getAsLong() - idleSince);
      pc.clock.advanceTo(Math.min(pc.clock.ticks() + waited, pc.clock.nextTick()));
    }
    pc.schedule.guarded(
        () -> {
          if (pc.consoles.takeInput(pc.clock.ticks(), log)) {
            idleSince = 0;
          }
        });
  }

  private long idle() {
    long next = pc.clock.nextTick();
    if (log != null && log.isReplay()) {
      next = Math.min(next, log.nextTick());
    } else if (live) {
      return idleLive(next);
    }
    if (next == Long.MAX_VALUE) {
      if (!saidStuck) {
        saidStuck = true;
        pc.events.add("every vCPU is halted and no timer is armed");
      }
      if (leash.isOn()) {
        pause();
      }
      return FOREVER;
    }
    pc.clock.advanceTo(next);
    return 0;
  }

  private long idleLive(long next) {
    long now = hostNanos.getAsLong();
    if (idleSince == 0) {
      idleSince = now;
    }
    if (next == Long.MAX_VALUE) {
      return FOREVER;
    }
    long gap = pc.clock.toNanos(next) - pc.clock.nanos();
    long left = gap - (now - idleSince);
    if (left > 0) {
      return Math.min(left, FOREVER);
    }
    pc.clock.advanceTo(next);
    idleSince = 0;
    return 0;
  }

  private long awaitDevice() {
    long left = pc.slots.awaitedUntil() - hostNanos.getAsLong();
    if (left > 0) {
      state = MachineState.AWAITING_DEVICE;
      return left;
    }
    pc.slots.endGraceTimes();
    return 0;
  }

  /** Does what devices asked for. */
  private void obey() {
    pc.schedule.stop();
    Ending ending = pc.requests.ending();
    String why = pc.requests.resetReason();
    String hold = pc.requests.holdReason();
    pc.requests.clear();
    if (hold != null) {
      hold(hold);
    }
    if (ending != null) {
      end(ending);
    } else if (why == null) {
      return;
    } else if (reboots) {
      pc.events.add("reset: " + why);
      powerOn();
    } else {
      end(new Ending(Ending.Kind.RESET, 0, "the guest reset the machine: " + why));
    }
  }

  private void hold(String why) {
    pause();
    pc.events.add(why);
    pc.held.at(why);
  }

  private void die() {
    if (reboots) {
      pc.events.add("triple fault on vCPU " + pc.schedule.turn() + ": reset");
      powerOn();
    } else {
      end(
          new Ending(
              Ending.Kind.DIED,
              0,
              "triple fault on vCPU " + pc.schedule.turn() + "\n" + Screen.of(pc)));
    }
  }

  private void fail(Throwable cause) {
    pc.schedule.stop();
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    end(new Ending(Ending.Kind.FAILED, 0, text + Screen.of(pc)));
  }

  /** Power-on state, boot image, go. */
  void powerOn() {
    if (starts == 0) {
      powerOnCpuNanos = processCpuNanos();
    }
    pc.reset(image);
    starts++;
    saidStuck = false;
    idleSince = 0;
    state = MachineState.RUNNING;
  }

  /**
   * Goes on for so many ticks and then holds; is powered on first if it never was.
   *
   * @param held told when the machine holds again, for whatever reason
   */
  void advance(long count, Runnable held) {
    if (state == MachineState.CREATED) {
      powerOn();
    }
    leash.put(pc.clock.ticks() + count, held);
    resume();
    if (state != MachineState.RUNNING) {
      leash.take();
    }
  }

  void pause() {
    pc.schedule.stop();
    leash.take();
    if (state == MachineState.RUNNING || state == MachineState.AWAITING_DEVICE) {
      state = MachineState.PAUSED;
    }
  }

  void resume() {
    if (state == MachineState.PAUSED) {
      pc.held.gone();
      idleSince = 0;
      state = MachineState.RUNNING;
    }
  }

  /** The run is over; the machine can still be looked at. */
  void end(Ending ending) {
    pc.schedule.stop();
    leash.take();
    pc.consoles.flush();
    if (state != MachineState.CREATED) {
      state = MachineState.ENDED;
    }
    pc.events.add(ending.text().lines().findFirst().orElse(""));
    onEnding.accept(ending);
  }
}
