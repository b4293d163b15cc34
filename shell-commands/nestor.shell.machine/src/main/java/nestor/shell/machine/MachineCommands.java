// SPDX-License-Identifier: Apache-2.0
package nestor.shell.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Choice;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Making machines, switching them on and off, and looking at them as wholes. */
@Component
public final class MachineCommands implements Verbs {
  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Speaks of these machines. */
  @Activate
  public MachineCommands(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  @Override
  public List<Verb> verbs() {
    List<Verb> verbs = new ArrayList<>();
    verbs.add(new Verb(Syntax.of("machines", "list all machines").json(), this::list));
    verbs.add(
        new Verb(
            Syntax.of("create", "make a machine from a profile, switched off")
                .word("PROFILE", WordKind.PROFILE, "a shipped profile, or the path of a file")
                .repeated("PATH=VALUE", WordKind.TEXT, "settings that change the profile")
                .option("--name", "-n", "NAME", WordKind.TEXT, "what to call it; m0, m1 and so on")
                .example("create linux cpus=4 memory=2G --name big"),
            this::create));
    verbs.add(act("start", "switch a machine on", MachineCommands::start, "runs"));
    verbs.add(act("pause", "hold a machine at the next boundary", on(Machine::pause), "is held"));
    verbs.add(act("resume", "let a held machine go on", on(Machine::resume), "goes on"));
    verbs.add(act("reset", "reset a machine", on(Machine::reset), "was reset"));
    verbs.add(act("stop", "switch a machine off; it stays to look at", Machine::stop, "is off"));
    verbs.add(act("destroy", "take a machine apart", machines::destroy, "is gone"));
    verbs.add(
        new Verb(
            Syntax.of("info", "tell what a machine is and does").machine().json(), this::info));
    verbs.add(
        new Verb(
            Syntax.of("stats", "print counters: instructions, engine, TLB, unmodelled accesses")
                .machine()
                .json(),
            words -> print(words.machine(machines).stats(), words.isJson())));
    return verbs;
  }

  /** What a switch does to a machine. */
  private interface Switch {
    void turn(Machine machine) throws MachineException;
  }

  private static void start(Machine machine) throws MachineException {
    switch (machine.state()) {
      case CREATED, ENDED -> machine.start();
      case RUNNING, PAUSED, AWAITING_DEVICE ->
          throw new MachineException(
              machine.name() + " is on already; 'reset' starts it anew, 'resume' lets it go on");
    }
  }

  /** The same, refused for a machine that is switched off. */
  private static Switch on(Switch what) {
    return machine -> {
      Choice.mustBeOn(machine);
      what.turn(machine);
    };
  }

  private Verb act(String name, String summary, Switch what, String done) {
    return new Verb(
        Syntax.of(name, summary).machine(),
        words -> {
          Machine machine = words.machine(machines);
          what.turn(machine);
          return machine.name() + " " + done;
        });
  }

  private String list(Words words) {
    Table table = new Table("Name", "Profile", "State", "Engine", "CPUs", "MiB", "Instructions");
    for (Machine machine : machines.list()) {
      table.row(
          machine.name(),
          machine.profile().name(),
          state(machine),
          machine.profile().engine(),
          machine.profile().cpus(),
          machine.profile().memoryBytes() >> 20,
          machine.instructions());
    }
    return table.print(words.isJson());
  }

  private static String state(Machine machine) {
    return machine.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private String create(Words words) throws MachineException, ProfileException {
    String profile = words.text("PROFILE");
    boolean isPath = profile.contains("/") || profile.endsWith(".json");
    Machine machine =
        machines.create(
            new MachineSpec(
                words.option("--name", freeName()),
                profiles.resolve(
                    isPath ? words.path("PROFILE").toString() : profile, words.all("PATH=VALUE"))));
    return machine.name() + " is ready; switch it on with: start " + machine.name();
  }

  private String freeName() {
    int number = 0;
    while (machines.find("m" + number).isPresent()) {
      number++;
    }
    return "m" + number;
  }

  private String info(Words words) throws MachineException {
    Machine machine = words.machine(machines);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", machine.name());
    facts.put("profile", machine.profile().name());
    facts.put("state", state(machine));
    machine.ending().ifPresent(ending -> facts.put("ending", ending.text()));
    facts.put("cpus", machine.profile().cpus());
    facts.put("model", machine.profile().cpu().model());
    facts.put("engine", machine.cpus().getFirst().engine());
    facts.put("memory MiB", machine.profile().memoryBytes() >> 20);
    facts.put("seed", machine.profile().seed());
    facts.put("clock Hz", machine.profile().clock().hertz());
    facts.put("guest nanoseconds", machine.nanos());
    facts.put("instructions", machine.instructions());
    facts.put("devices", machine.devices().stream().map(DeviceView::name).toList());
    facts.put(
        "consoles",
        machine.consoles().stream().map(c -> c.device() + ": " + c.destination()).toList());
    return print(facts, words.isJson());
  }

  private static String print(Map<String, Object> facts, boolean json) {
    if (json) {
      return Json.write(facts);
    }
    StringBuilder out = new StringBuilder();
    print(facts, "", out);
    return out.toString();
  }

  private static void print(Map<?, ?> facts, String indent, StringBuilder out) {
    int width = facts.keySet().stream().mapToInt(k -> k.toString().length()).max().orElse(0);
    facts.forEach(
        (key, value) -> {
          out.append(indent);
          switch (value) {
            case Map<?, ?> inner -> {
              out.append(key).append(inner.isEmpty() ? ": none\n" : "\n");
              print(inner, indent + "  ", out);
            }
            case Long n -> out.append(String.format("%-" + width + "s  %,d%n", key, n));
            case List<?> all -> out.append(String.format("%-" + width + "s  %s%n", key, join(all)));
            default -> out.append(String.format("%-" + width + "s  %s%n", key, value));
          }
        });
  }

  private static String join(List<?> all) {
    return String.join(", ", all.stream().map(Object::toString).toList());
  }
}
