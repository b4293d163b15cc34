// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor demo}: a guest counts while its serial port is exchanged under it. */
@Component(service = Command.class)
public final class DemoCommand implements Command {
  private static final String UART = "serial0";
  private static final int SWAPS = 5;
  private static final int LINES_BETWEEN = 10_000;
  private static final int SHOWN_EACH = 20_000;
  private static final long PATIENCE_MILLIS = 60_000;

  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Shows machines made by these. */
  @Activate
  public DemoCommand(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public String summary() {
    return "run embedded guests; swap a device and a strategy under them";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor demo

    Starts the profile tiny, whose guest prints numbers on its serial port.
    While it does, the serial port is exchanged several times, and another
    device is plugged in and out. Then two small hypervisors run guests of
    their own, one on Intel VMX and one on AMD SVM, in two machines at once,
    and the strategy of the TLB is exchanged under them. Ends with 0 if no
    character was lost or doubled, and if the counters of the TLB say what
    they must. Nothing has to be downloaded.
    """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    if (!args.isEmpty()) {
      throw RunOptions.usage("demo takes no options");
    }
    int status = on("swap", List.of("boot.guest=count"), io.out(), DemoCommand::show);
    if (status != OK) {
      return status;
    }
    return on(
        "intel",
        List.of("cpu.model=intel", "boot.guest=hypervisor"),
        io.out(),
        (intel, out) ->
            on(
                "amd",
                List.of("cpu.model=amd", "boot.guest=hypervisor-svm"),
                out,
                (amd, _) -> nested(intel, amd, out)));
  }

  private static int nested(Machine intel, Machine amd, PrintStream out)
      throws MachineException, InterruptedException {
    boolean good =
        NestedDemo.show(new NestedDemo("VMX", intel, out), new NestedDemo("SVM", amd, out));
    return good ? OK : FAILURE;
  }

  /** What is shown on a machine; the result is an exit code. */
  private interface Show {
    int show(Machine machine, PrintStream out)
        throws CommandException, MachineException, InterruptedException;
  }

  private int on(String name, List<String> changes, PrintStream out, Show show)
      throws CommandException, MachineException, InterruptedException {
    Machine machine;
    try {
      machine = machines.create(new MachineSpec("demo-" + name, profiles.resolve("tiny", changes)));
    } catch (ProfileException | MachineException e) {
      throw new CommandException(FAILURE, e.getMessage());
    }
    try {
      return show.show(machine, out);
    } finally {
      machines.destroy(machine);
    }
  }

  private static int show(Machine machine, PrintStream out)
      throws MachineException, InterruptedException {
    out.println(
        "A PC made of bundles: "
            + machine.devices().size()
            + " devices. Its guest counts on the serial port.");
    CountingReader reader = new CountingReader("guest", out, SHOWN_EACH);
    long pause = 0;
    int swaps = 0;
    Optional<Ending> ending;
    try (Console.Connection _ = console(machine).connect(reader, true, false)) {
      machine.start();
      for (int i = 1; i <= SWAPS && reader.await(i * LINES_BETWEEN, PATIENCE_MILLIS); i++) {
        Duration stood = machine.swap(UART, pidOf(machine));
        pause = Math.max(pause, stood.toNanos());
        swaps++;
        out.printf(
            "  --> at line %d the serial port was replaced by a new instance; the guest stood still"
                + " for %.1f ms%n",
            reader.last(), stood.toNanos() / 1e6);
        if (i == 2) {
          machine.plug("extra", "{\"type\": \"debugcon\"}");
          machine.unplug("extra");
          out.println("  --> a debug console was plugged in and taken out again");
        }
      }
      ending = machine.await(Duration.ofMillis(PATIENCE_MILLIS));
    }
    return summary(machine, reader, ending, swaps, pause, out);
  }

  private static String pidOf(Machine machine) throws MachineException {
    return machine.devices().stream()
        .filter(d -> d.name().equals(UART))
        .findFirst()
        .orElseThrow(() -> new MachineException("the profile tiny has no " + UART))
        .pid();
  }

  private static Console console(Machine machine) throws MachineException {
    return machine.consoles().stream()
        .filter(c -> c.device().equals(UART))
        .findFirst()
        .orElseThrow(() -> new MachineException("the profile tiny has no console on " + UART));
  }

  private static int summary(
      Machine machine,
      CountingReader reader,
      Optional<Ending> ending,
      int swaps,
      long pause,
      PrintStream out) {
    boolean ended = ending.isPresent() && ending.get().kind() == Ending.Kind.EXIT;
    boolean good = ended && reader.wrong() == null && swaps == SWAPS;
    out.println();
    out.println("What happened:");
    out.printf(
        "  the guest ran %,d instructions in %.3f s of its own time%n",
        machine.instructions(), machine.nanos() / 1e9);
    out.printf(
        "  its serial port was exchanged %d times while characters flowed, standing still for"
            + " %.1f ms at most%n",
        swaps, pause / 1e6);
    out.println(
        "  "
            + reader.last()
            + " lines arrived, "
            + (reader.wrong() == null
                ? "none lost, none doubled"
                : "but not all were right: " + reader.wrong()));
    out.println("  the run " + ending.map(e -> "ended: " + e.text()).orElse("did not end in time"));
    return good ? OK : FAILURE;
  }
}
