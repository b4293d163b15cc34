// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.MachineException;

/**
 * Two machines that must be one, compared every so many instructions.
 *
 * <p>There is no way back in time, so each closer look starts both machines anew and goes the same
 * way up to where they still were the same.
 */
final class Lockstep {
  /** Exit code: the engines differ. */
  private static final int DIFFERENCE = 1;

  /** Instructions between comparisons of the closer looks, one after another. */
  private static final long[] CLOSER = {10_000, 100, 1};

  /** Tried when single instructions show no difference: shortest first. */
  private static final long[] WIDER = {2, 4, 8, 16, 32, 64};

  private final Twins.Maker maker;
  private final long every;
  private final CommandIo io;
  private final InstantSource wall = InstantSource.system();
  private final Instant end;
  private long comparisons;

  /** A stretch of guest time: the machines were the same at its start and differ at its end. */
  record Window(long from, long to) {}

  /** The time is over. */
  private static final class Late extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Compares.
   *
   * @param every ticks between two comparisons of the first look
   * @param seconds of real time, if there is a limit
   */
  Lockstep(Twins.Maker maker, long every, OptionalLong seconds, CommandIo io) {
    this.maker = maker;
    this.every = every;
    this.io = io;
    this.end =
        seconds.isPresent()
            ? wall.instant().plus(Duration.ofSeconds(seconds.getAsLong()))
            : Instant.MAX;
  }

  /** {@return the exit code} */
  int run() throws CommandException, MachineException, InterruptedException {
    try {
      Window first = look(new Window(0, Long.MAX_VALUE), every, true);
      if (first == null) {
        return Command.OK;
      }
      io.out()
          .printf("difference after tick %,d, at tick %,d at the latest%n", first.from, first.to);
      report(closer(first));
      return DIFFERENCE;
    } catch (Late e) {
      io.out().printf("time limit; no difference in %,d comparisons%n", comparisons);
      return Command.TIME_LIMIT;
    }
  }

  private Window closer(Window window)
      throws CommandException, MachineException, InterruptedException, Late {
    Window smallest = window;
    for (long interval : CLOSER) {
      if (interval < smallest.to - smallest.from) {
        Window found = look(smallest, interval, false);
        smallest = found == null ? wider(smallest, interval) : found;
      }
    }
    return smallest;
  }

  /** Blocks may have to be run whole to show what is wrong with them. */
  private Window wider(Window window, long tooShort)
      throws CommandException, MachineException, InterruptedException, Late {
    for (long interval : WIDER) {
      if (interval > tooShort && interval < window.to - window.from) {
        Window found = look(window, interval, false);
        if (found != null) {
          return found;
        }
      }
    }
    return window;
  }

  /** {@return where in a stretch the machines part, or null if they do not} */
  private Window look(Window in, long interval, boolean isFirst)
      throws CommandException, MachineException, InterruptedException, Late {
    try (Twins pair = maker.make()) {
      if (isFirst) {
        pair.show(io);
      }
      goTo(pair, in.from);
      long at = pair.ticks();
      while (at < in.to) {
        boolean goesOn = pair.advance(Math.min(interval, in.to - at));
        comparisons++;
        if (pair.differs()) {
          return new Window(at, pair.ticks());
        }
        at = pair.ticks();
        if (!goesOn) {
          if (isFirst) {
            io.out().flush();
            io.out().printf("no difference in %,d comparisons: %s%n", comparisons, pair.summary());
          }
          return null;
        }
        hurry();
      }
      return null;
    }
  }

  /** Goes the way of the first look, which is known to show no difference. */
  private void goTo(Twins pair, long tick) throws MachineException, InterruptedException {
    while (pair.ticks() < tick && pair.advance(Math.min(every, tick - pair.ticks()))) {
      pair.differs(); // looks, as the first look did
    }
  }

  private void hurry() throws Late {
    if (wall.instant().isAfter(end)) {
      throw new Late();
    }
  }

  private void report(Window window)
      throws CommandException, MachineException, InterruptedException {
    long length = window.to - window.from;
    io.out().printf("the machines part between tick %,d and %,d%n", window.from, window.to);
    try (Twins pair = maker.make()) {
      goTo(pair, window.from);
      List<String> code = pair.translations();
      pair.advance(length);
      io.out().print(pair.difference());
      code.forEach(io.out()::println);
    }
    try (Twins pair = maker.make()) {
      goTo(pair, window.from);
      io.out().println("the instructions from there on, on the first engine:");
      pair.trace((int) Math.min(length, 100)).forEach(io.out()::println);
    }
  }
}
