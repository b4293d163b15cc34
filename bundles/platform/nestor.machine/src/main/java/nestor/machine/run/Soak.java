// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import nestor.api.command.Command;
import nestor.api.command.CommandIo;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;

/** Disturbs a machine at random instants of its own time, and watches what it needs. */
final class Soak {
  private static final Duration BETWEEN_REPORTS = Duration.ofMinutes(1);
  private static final String DEVICE = "soak";
  private static final int PLUG_ONE_IN = 4;

  private final Machine machine;
  private final Plan plan;
  private final CommandIo io;
  private final SplittableRandom random;
  private final InstantSource wall = InstantSource.system();
  private long swaps;
  private long plugs;
  private boolean isPlugged;

  /**
   * What to do.
   *
   * @param engines to choose from
   * @param every ticks between two disturbances on the average
   * @param swaps most exchanges of the engine
   * @param minutes most real time
   * @param plugs whether a device comes and goes too
   */
  record Plan(List<String> engines, long every, long swaps, long minutes, boolean plugs) {}

  Soak(Machine machine, Plan plan, CommandIo io) {
    this.machine = machine;
    this.plan = plan;
    this.io = io;
    this.random = new SplittableRandom(machine.profile().seed());
  }

  /** {@return the exit code} */
  int run(boolean digest) throws MachineException, InterruptedException {
    io.onCancel(() -> stop(machine));
    try (Terminal _ = terminal()) {
      disturb();
    }
    io.out().flush();
    report();
    Optional<Ending> ending = machine.ending();
    io.out()
        .printf(
            "%d exchanges of the engine, %d of a device; %s%n",
            swaps, plugs, ending.map(Ending::text).orElse("the guest goes on"));
    if (digest) {
      io.out().println("digest " + machine.digest());
    }
    return ending.map(Ending::exitCode).orElse(Command.OK);
  }

  private static void stop(Machine machine) {
    try {
      machine.stop();
    } catch (MachineException e) {
      // It hangs; ending the process is all that is left, and that follows.
      return;
    }
  }

  private Terminal terminal() {
    for (Console console : machine.consoles()) {
      if (console.isTerminal()) {
        return new Terminal(io, console, false, null, () -> {});
      }
    }
    return null;
  }

  private void disturb() throws MachineException, InterruptedException {
    Instant end = wall.instant().plus(Duration.ofMinutes(plan.minutes));
    Instant next = wall.instant().plus(BETWEEN_REPORTS);
    while (machine.advance(1 + random.nextLong(2 * plan.every)) && wall.instant().isBefore(end)) {
      if (wall.instant().isAfter(next)) {
        next = next.plus(BETWEEN_REPORTS);
        report();
      }
      if (swaps < plan.swaps) {
        disturbance();
      }
    }
  }

  private void disturbance() throws MachineException {
    if (!plan.plugs || random.nextInt(PLUG_ONE_IN) != 0) {
      machine.useEngine(plan.engines.get(random.nextInt(plan.engines.size())));
      swaps++;
    } else if (isPlugged) {
      machine.unplug(DEVICE);
      isPlugged = false;
    } else {
      machine.plug(DEVICE, "{\"type\": \"debugcon\"}");
      isPlugged = true;
      plugs++;
    }
  }

  @SuppressWarnings("DoNotCall") // what is not garbage is asked for here
  private void report() {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    io.out()
        .printf(
            "%n[soak: %,d instructions, %.3f s of guest time, heap %.1f MiB, process %s,"
                + " %d exchanges]%n",
            machine.instructions(),
            machine.nanos() / 1e9,
            heap / 1048576.0,
            ProcessMemory.text(),
            swaps);
  }
}
