// SPDX-License-Identifier: Apache-2.0
package nestor.shell.virt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineEvent;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code events}: what happened to a machine, and what happens to the virtual machines in it. */
@Component
public final class EventCommands implements Verbs {
  private static final long FOR_EVER = 100_000_000L;
  private static final String MACHINE = "machine";

  private final Machines machines;

  /** Speaks of these machines. */
  @Activate
  public EventCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("events", "list what happened lately, or follow virtual machines")
                .machine()
                .option(
                    "--kind",
                    "-k",
                    "KINDS",
                    WordKind.EVENT_KIND,
                    "only these: machine, " + String.join(", ", words()))
                .flag("--follow", "-f", "show events of virtual machines as they happen")
                .option("--cpu", "-c", "N", WordKind.TEXT, "only this vCPU")
                .option("--count", "-n", "N", WordKind.TEXT, "so many at most")
                .option("--seconds", "-s", "N", WordKind.TEXT, "follow for so long at most")
                .json()
                .example("events m0 --follow --kind exit,inject --count 20"),
            this::events));
  }

  private static List<String> words() {
    return Arrays.stream(VmEvent.Kind.values()).map(VmEvent.Kind::word).toList();
  }

  private String events(Words words)
      throws MachineException, CommandException, InterruptedException {
    Machine machine = words.machine(machines);
    List<String> asked = asked(words);
    int cpu = (int) words.whole("--cpu", 0, 255).orElse(-1);
    long most = words.whole("--count", 1, FOR_EVER).orElse(FOR_EVER);
    if (words.has("--follow")) {
      return follow(machine, kinds(asked), cpu, most, words);
    }
    if (asked.isEmpty() || asked.equals(List.of(MACHINE))) {
      return machine(machine, words.isJson());
    }
    if (asked.equals(List.of(VmEvent.Kind.EXIT.word()))) {
      return exits(machine, cpu, most, words.isJson());
    }
    throw new CommandException(
        Command.USAGE, "events: only machine and exit events are kept; see others with --follow");
  }

  private static List<String> asked(Words words) throws CommandException {
    List<String> known = new ArrayList<>(words());
    known.add(MACHINE);
    List<String> asked = new ArrayList<>();
    for (String word : words.option("--kind", "").split(",", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      if (!known.contains(word)) {
        String near = NearestWord.to(word, known);
        throw new CommandException(
            Command.USAGE,
            "events: there is no kind "
                + word
                + (near == null ? "" : "; did you mean " + near + "?"));
      }
      asked.add(word);
    }
    return asked;
  }

  private static Set<VmEvent.Kind> kinds(List<String> asked) {
    Set<VmEvent.Kind> kinds = EnumSet.noneOf(VmEvent.Kind.class);
    for (VmEvent.Kind kind : VmEvent.Kind.values()) {
      if (asked.isEmpty() || asked.contains(kind.word())) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  private static String machine(Machine machine, boolean json) {
    Table table = new Table("Seconds", "Times", "Event");
    for (MachineEvent event : machine.events()) {
      table.row(seconds(event.nanos()), event.count(), event.text());
    }
    return table.print(json);
  }

  private static String exits(Machine machine, int cpu, long most, boolean json)
      throws MachineException {
    Table table = new Table("Seconds", "CPU", "Level", "Event");
    List<Object> objects = new ArrayList<>();
    for (CpuView view : machine.cpus()) {
      if (cpu >= 0 && view.index() != cpu) {
        continue;
      }
      List<VmEvent> recent = machine.virtualization().recentExits(view.index());
      int first = (int) Math.max(0, recent.size() - most);
      for (VmEvent event : recent.subList(first, recent.size())) {
        table.row(seconds(event.nanos()), event.cpu(), "L" + event.level(), event.text());
        objects.add(event.members());
      }
    }
    return json ? Json.write(objects) : table.print(false);
  }

  static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%d.%09d", nanos / 1_000_000_000, nanos % 1_000_000_000);
  }

  private static String follow(
      Machine machine, Set<VmEvent.Kind> kinds, int cpu, long most, Words words)
      throws MachineException, CommandException, InterruptedException {
    Choice.mustBeOn(machine);
    long seconds = words.whole("--seconds", 1, FOR_EVER).orElse(FOR_EVER);
    boolean json = words.isJson();
    Following following = new Following(most);
    try (Inspection.Listening _ =
        machine
            .virtualization()
            .listen(
                (event, _) -> {
                  if (kinds.contains(event.kind()) && (cpu < 0 || event.cpu() == cpu)) {
                    following.offer(json ? Json.write(event.members()) : line(event));
                  }
                })) {
      return following.show(machine, words, seconds);
    }
  }

  private static String line(VmEvent event) {
    return String.format(
        "%s  vCPU %d  L%d  %s", seconds(event.nanos()), event.cpu(), event.level(), event.text());
  }
}
