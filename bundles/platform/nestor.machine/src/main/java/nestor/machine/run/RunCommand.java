// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.FileTrouble;
import nestor.api.json.Json;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code ./nestor run}: one machine from a profile, from power-on to its end. */
@Component(service = Command.class)
public final class RunCommand implements Command {
  private static final String MACHINE = "pc";
  private static final int BLOCKS_IN_STATS = 10;
  private static final Duration FOR_EVER = Duration.ofDays(10_000);

  private final Machines machines;
  private final ProfileLibrary profiles;
  private final InnerShell shell;

  /** Runs machines made by these. */
  @Activate
  public RunCommand(
      @Reference Machines machines,
      @Reference ProfileLibrary profiles,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          InnerShell shell) {
    this.machines = machines;
    this.profiles = profiles;
    this.shell = shell;
  }

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "run a machine from a profile until it ends";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor run PROFILE [options]

    PROFILE is the path of a file or the name of a shipped profile:
    %s.

      --kernel FILE      boot this kernel: bzImage, Multiboot or PVH ELF
      --initrd FILE      with this initrd or module
      --append TEXT      and this command line
      --env KEY=VALUE    environment of a Multiboot kernel; may be repeated
      --memory SIZE      RAM, such as 512M or 2G
      --cpus N           number of vCPUs
      --parallel         each on a thread of its own, in real time: faster on a
                         host with CPUs to spare, and no two runs are the same
      --model NAME       CPU model: intel, amd, max or another
      --engine NAME      what executes the vCPUs
      --seed N           start of everything random
      --set PATH=VALUE   any other setting of the profile; may be repeated
      --script TEXT      let a fetched Linux run this and power off
      --timeout SECONDS  give up after so much real time, with exit code 124
      --no-reboot        a reset or triple fault by the guest ends the run
      --digest           print a hash of the machine's state at the end
      --record FILE      write all input down, with the instants it entered at
      --replay FILE      take input from such a file instead
      --stats FILE.json  write counters at the end, and the busiest code
      --events FILE      write events of virtual machines: JSON lines, or a
                         recording for the JDK's jfr if FILE ends with .jfr

    On a terminal Ctrl-A x leaves, Ctrl-A c goes to the shell and back.
    Exit codes: 0 the guest powered off, 2 wrong usage, 4 the guest died,
    6 bad profile or image, 124 time limit; (v << 1) | 1, always odd, if the
    guest wrote v to the debug-exit port.

    Example: ./nestor run linux --script 'uname -a; nproc' --timeout 600
    """
        .formatted(String.join(", ", profiles.names()));
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    RunOptions options = RunOptions.parse(args, io.directory());
    Machine machine = MachineOrder.create(machines, profiles, MACHINE, options, List.of());
    io.onCancel(() -> stop(machine));
    try {
      return run(machine, options, io);
    } finally {
      machines.destroy(machine);
    }
  }

  private int run(Machine machine, RunOptions options, CommandIo io)
      throws MachineException, InterruptedException, CommandException {
    Optional<Ending> ending;
    EventFile events =
        options.events.isPresent() ? EventFile.open(options.events.get(), machine) : null;
    Terminal terminal = connect(machine, options, io);
    try {
      machine.start();
      ending =
          machine.await(
              options.timeoutSeconds.isPresent()
                  ? Duration.ofSeconds(options.timeoutSeconds.getAsLong())
                  : FOR_EVER);
      if (ending.isEmpty()) {
        machine.pause();
      }
    } finally {
      if (terminal != null) {
        terminal.close();
      }
    }
    if (events != null) {
      events.close();
    }
    report(machine, ending, options, io);
    return ending.map(Ending::exitCode).orElse(TIME_LIMIT);
  }

  private Terminal connect(Machine machine, RunOptions options, CommandIo io) {
    boolean reads = options.script.isEmpty() && options.replay.isEmpty();
    for (Console console : machine.consoles()) {
      if (console.isTerminal()) {
        return new Terminal(io, console, reads, shell, () -> stop(machine));
      }
    }
    return null;
  }

  private static void stop(Machine machine) {
    try {
      machine.stop();
    } catch (MachineException e) {
      // It hangs; ending the process is all that is left, and that follows.
      return;
    }
  }

  private static void report(
      Machine machine, Optional<Ending> ending, RunOptions options, CommandIo io)
      throws MachineException, CommandException {
    io.out().flush();
    if (ending.isEmpty()) {
      io.err()
          .printf(
              "nestor: the time limit of %d s was reached%n%s",
              options.timeoutSeconds.getAsLong(), machine.dump());
    } else if (ending.get().kind() == Ending.Kind.DIED
        || ending.get().kind() == Ending.Kind.FAILED) {
      io.err().println("nestor: " + ending.get().text());
    }
    if (options.digest) {
      io.out().println("digest " + machine.digest());
    }
    if (options.stats.isPresent()) {
      Map<String, Object> stats = new LinkedHashMap<>(machine.stats());
      stats.put("busiestBlocks", machine.busiest(BLOCKS_IN_STATS));
      write(options.stats.get(), Json.write(stats) + "\n");
    }
  }

  private static void write(Path file, String text) throws CommandException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new CommandException(BAD_INPUT, file + ": cannot be written: " + FileTrouble.reason(e));
    }
  }
}
