// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.List;
import java.util.Set;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.Machine;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor soak}: a machine runs for long while its engine and devices are exchanged. */
@Component(service = Command.class)
public final class SoakCommand implements Command {
  private static final String MACHINE = "soak";
  private static final String ENGINES = "--engines";
  private static final String MINUTES = "--minutes";
  private static final String EVERY = "--every";
  private static final String SWAPS = "--swaps";
  private static final String NO_PLUG = "--no-plug";

  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Runs machines made by these. */
  @Activate
  public SoakCommand(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String summary() {
    return "run a machine for long, exchanging engine and devices";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor soak [options] PROFILE [options of run]

    Runs a machine until it ends or the time is over. At random instants of guest
    time, which follow from the profile's seed, its engine is exchanged; every
    fourth time a debug console is plugged in or taken out instead. Prints what
    was retired, guest time, heap after a collection, and the process's memory.

      --minutes N        most real time (default: 10)
      --every N          ticks between two disturbances, on the average
                         (default: 20000000)
      --swaps N          no more disturbances after so many exchanges of the engine
      --engines A,B,...  engines to choose from (default: interpreter,host)
      --no-plug          no device: then the run must end with the digest of an
                         undisturbed one
      --digest           print a hash of the machine's state at the end

    Exit codes: 0 the guest powered off or ran until the time was over, 2 wrong
    usage, 4 the guest died, 6 bad profile or image.

    Example: ./nestor soak linux --minutes 60 --script \\
             'while :; do bench -s 1; sleep 3600; done'
    """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    OwnOptions own = new OwnOptions(args, Set.of(ENGINES, MINUTES, EVERY, SWAPS), Set.of(NO_PLUG));
    RunOptions options = RunOptions.parse(own.rest, io.directory());
    if (options.record.isPresent()
        || options.stats.isPresent()
        || options.timeoutSeconds.isPresent()) {
      throw new CommandException(USAGE, "soak takes no --record, --stats or --timeout");
    }
    Soak.Plan plan =
        new Soak.Plan(
            own.engines(ENGINES, "interpreter,host", machines.engines()),
            own.count(EVERY, 20_000_000),
            own.count(SWAPS, Long.MAX_VALUE),
            own.count(MINUTES, 10),
            !own.has(NO_PLUG));
    Machine machine = MachineOrder.create(machines, profiles, MACHINE, options, List.of());
    try {
      return new Soak(machine, plan, io).run(options.digest);
    } finally {
      machines.destroy(machine);
    }
  }
}
