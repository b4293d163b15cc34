// SPDX-License-Identifier: Apache-2.0
package nestor.shell.virt;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.WeakHashMap;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.api.machine.Machines;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import nestor.api.virt.Breakpoint;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code break}: holds a machine at an exit, or when software writes a field. */
@Component
public final class BreakCommands implements Verbs {
  private static final int MOST = 1 << 20;

  private final Machines machines;

  /** Machines whose holds a person is told of. */
  private final Set<Machine> told =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** Speaks of these machines. */
  @Activate
  public BreakCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("break", "hold a machine at a VM exit, or when a field is written")
                .machine()
                .optional("WHAT", WordKind.BREAK_KIND, "exit or field; lists all if not given")
                .optional("NAME", WordKind.BREAK_NAME, "exit reason, or field of VMCS or VMCB")
                .option("--delete", "-d", "N", WordKind.TEXT, "remove that one")
                .option("--wait", "-w", "SECONDS", WordKind.TEXT, "until one holds the machine")
                .json()
                .example("break m0 exit CPUID --wait 10"),
            this::set));
  }

  private String set(Words words) throws MachineException, CommandException, InterruptedException {
    Machine machine = words.machine(machines);
    Inspection inspection = machine.virtualization();
    OptionalLong delete = words.whole("--delete", 1, MOST);
    if (delete.isPresent()) {
      int number = (int) delete.getAsLong();
      if (!inspection.removeBreakpoint(number)) {
        throw new MachineException(machine.name() + " has no breakpoint " + number);
      }
      return "breakpoint " + number + " is gone";
    }
    String what = words.text("WHAT", "").toLowerCase(Locale.ROOT);
    OptionalLong wait = words.whole("--wait", 1, MOST);
    if (what.isEmpty() && wait.isEmpty()) {
      return list(inspection.breakpoints(), words.isJson());
    }
    String said = "";
    if (!what.isEmpty()) {
      Breakpoint one = inspection.setBreakpoint(kind(what), name(words));
      if (wait.isPresent() && machine.state() == MachineState.PAUSED) {
        machine.resume(); // what is waited for is the new one
      }
      said = String.format("breakpoint %d: %s %s", one.number(), what, one.name());
      if (words.isInteractive() && told.add(machine)) {
        inspection.onHold(text -> words.print(machine.name() + " is held: " + text));
      }
    }
    return wait.isEmpty() ? said : said + (said.isEmpty() ? "" : "\n") + await(machine, wait);
  }

  private static String await(Machine machine, OptionalLong seconds)
      throws MachineException, InterruptedException {
    Duration limit = Duration.ofSeconds(seconds.getAsLong());
    if (machine.state() == MachineState.PAUSED
        && machine.virtualization().awaitHold(Duration.ZERO).isEmpty()) {
      machine.resume(); // held by its user: what is waited for could never come
    }
    Optional<String> held = machine.virtualization().awaitHold(limit);
    return machine.name()
        + " is held: "
        + held.orElseThrow(
            () ->
                new MachineException(
                    "no breakpoint held "
                        + machine.name()
                        + " within "
                        + seconds.getAsLong()
                        + " s"));
  }

  private static VmEvent.Kind kind(String what) throws CommandException {
    return switch (what) {
      case "exit" -> VmEvent.Kind.EXIT;
      case "field" -> VmEvent.Kind.WRITE;
      default ->
          throw new CommandException(Command.USAGE, "break: WHAT is exit or field, not " + what);
    };
  }

  private static String name(Words words) throws CommandException {
    String name = words.text("NAME", "");
    if (name.isEmpty()) {
      throw new CommandException(
          Command.USAGE, "break: which one? Usage: break [MACHINE] exit REASON, or field FIELD");
    }
    return name;
  }

  private static String list(List<Breakpoint> all, boolean json) {
    Table table = new Table("Number", "What", "Name", "Hits");
    for (Breakpoint one : all) {
      String what = one.kind() == VmEvent.Kind.EXIT ? "exit" : "field";
      table.row(one.number(), what, one.name(), one.hits());
    }
    return table.print(json);
  }
}
