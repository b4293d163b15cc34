// SPDX-License-Identifier: Apache-2.0
package nestor.shell.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineEvent;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Choice;
import nestor.api.shell.Table;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Making machines, switching them on and off, and looking at them as wholes. */
@Component(
    service = MachineCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=machines",
      "osgi.command.function=create",
      "osgi.command.function=start",
      "osgi.command.function=pause",
      "osgi.command.function=resume",
      "osgi.command.function=reset",
      "osgi.command.function=stop",
      "osgi.command.function=destroy",
      "osgi.command.function=info",
      "osgi.command.function=events",
      "osgi.command.function=stats"
    })
public final class MachineCommands {
  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Speaks of these machines. */
  @Activate
  public MachineCommands(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  /** Lists the machines. */
  @Descriptor("list all machines")
  public String machines(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json) {
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
    return table.print(json);
  }

  private static String state(Machine machine) {
    return machine.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Makes a machine. */
  @Descriptor("make a machine from a profile, switched off")
  public String create(
      @Descriptor("its name") String name,
      @Descriptor("name of a shipped profile, or path of a file") String profile,
      @Descriptor("settings PATH=VALUE, such as cpus=4") String... settings)
      throws MachineException, ProfileException {
    Machine machine =
        machines.create(new MachineSpec(name, profiles.resolve(profile, List.of(settings))));
    return machine.name() + " is ready; switch it on with: start " + machine.name();
  }

  /** Switches a machine on. */
  @Descriptor("switch a machine on; without a name, the only one")
  public String start(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machine.start();
    return machine.name() + " runs";
  }

  /** Holds a machine. */
  @Descriptor("hold a machine at the next instruction boundary")
  public String pause(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machine.pause();
    return machine.name() + " is " + state(machine);
  }

  /** Lets a machine go on. */
  @Descriptor("let a held machine go on")
  public String resume(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machine.resume();
    return machine.name() + " is " + state(machine);
  }

  /** Resets a machine. */
  @Descriptor("reset a machine")
  public String reset(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machine.reset();
    return machine.name() + " was reset";
  }

  /** Switches a machine off. */
  @Descriptor("switch a machine off; it can still be looked at")
  public String stop(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machine.stop();
    return machine.name() + " is off";
  }

  /** Takes a machine apart. */
  @Descriptor("take a machine apart")
  public String destroy(@Descriptor("its name") String... name) throws MachineException {
    Machine machine = one(name);
    machines.destroy(machine);
    return machine.name() + " is gone";
  }

  private Machine one(String... name) throws MachineException {
    if (name.length > 1) {
      throw new IllegalArgumentException("one machine at a time");
    }
    return Choice.machine(machines, name.length == 0 ? "" : name[0]);
  }

  /** Tells about a machine. */
  @Descriptor("tell what a machine is and does")
  public String info(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("its name") String... name)
      throws MachineException {
    Machine machine = one(name);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("name", machine.name());
    facts.put("profile", machine.profile().name());
    facts.put("state", state(machine));
    facts.put("ending", machine.ending().map(Ending::text).orElse(""));
    facts.put("cpus", machine.profile().cpus());
    facts.put("model", machine.profile().cpu().model());
    facts.put("memory MiB", machine.profile().memoryBytes() >> 20);
    facts.put("seed", machine.profile().seed());
    facts.put("clock Hz", machine.profile().clock().hertz());
    facts.put("guest seconds", machine.nanos() / 1e9);
    facts.put("instructions", machine.instructions());
    facts.put("devices", machine.devices().stream().map(d -> d.name()).toList());
    facts.put(
        "consoles",
        machine.consoles().stream().map(c -> c.device() + ": " + c.destination()).toList());
    return print(facts, json);
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
    facts.forEach(
        (key, value) -> {
          out.append(indent).append(String.format("%-16s", key));
          if (value instanceof Map<?, ?> inner) {
            out.append('\n');
            print(inner, indent + "  ", out);
          } else if (value instanceof Long number) {
            out.append(String.format(" %,d%n", number));
          } else {
            out.append(' ').append(value).append('\n');
          }
        });
  }

  /** Lists what happened. */
  @Descriptor("list what happened lately: resets, swaps, notes of devices")
  public String events(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("its name") String... name)
      throws MachineException {
    Table table = new Table("Seconds", "Times", "Event");
    for (MachineEvent event : one(name).events()) {
      String seconds = String.format(Locale.ROOT, "%.6f", event.nanos() / 1e9);
      table.row(seconds, event.count(), event.text());
    }
    return table.print(json);
  }

  /** Prints counters. */
  @Descriptor("print counters: instructions, engine, TLB, unmodelled accesses, timers")
  public String stats(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("its name") String... name)
      throws MachineException {
    return print(one(name).stats(), json);
  }
}
