// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.List;
import java.util.Set;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor lockstep}: two engines run the same machine, compared on the way. */
@Component(service = Command.class)
public final class LockstepCommand implements Command {
  private static final String ENGINES = "--engines";
  private static final String EVERY = "--every";

  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Compares machines made by these. */
  @Activate
  public LockstepCommand(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  @Override
  public String name() {
    return "lockstep";
  }

  @Override
  public String summary() {
    return "run a machine on two engines, and find the first difference";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor lockstep [options] PROFILE [options of run]

    Makes the machine twice, with one seed and one engine each, lets both run for
    the same number of instructions at a time, and compares: time, registers,
    devices, and the pages of RAM that were written. After a difference both start
    anew and are compared more often, down to the instruction; or to the shortest
    run that still shows the difference, if single instructions do not. Then the
    states, the guest's code and the host's code are shown.

      --engines A,B      which engines (default: interpreter,host)
      --every N          instructions between comparisons (default: 1000000)
      --timeout SECONDS  give up after so much real time, with exit code 124

    The guest's console shows what the first machine prints. Input comes from
    --replay only. Exit codes: 0 no difference until the end of the run, 1 a
    difference, 2 wrong usage, 6 bad profile or image, 124 time limit.

    Example: ./nestor lockstep linux --script 'uname -a'
    """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    OwnOptions own = new OwnOptions(args, Set.of(ENGINES, EVERY), Set.of());
    RunOptions options = RunOptions.parse(own.rest, io.directory());
    List<String> engines = own.engines(ENGINES, "interpreter,host", machines.engines());
    if (engines.size() != 2) {
      throw RunOptions.usage("lockstep takes two engines, not " + engines.size());
    }
    if (options.record.isPresent()) {
      throw new CommandException(USAGE, "lockstep records nothing; it can --replay");
    }
    Twins.Maker pairs = () -> new MachinePair(machines, profiles, options, engines);
    return new Lockstep(pairs, own.count(EVERY, 1_000_000), options.timeoutSeconds, io).run();
  }
}
