// SPDX-License-Identifier: Apache-2.0
package nestor.shell.console;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.command.NearestWord;
import nestor.api.json.Json;
import nestor.api.machine.Console;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Reading what guests say and typing to them. */
@Component
public final class ConsoleCommands implements Verbs {
  private final Machines machines;

  /** Speaks of the consoles of these machines. */
  @Activate
  public ConsoleCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("console", "list consoles, show what a guest said last, or type to it")
                .machine()
                .optional("DEVICE", WordKind.CONSOLE, "show this one; without it, list them")
                .option("--type", "-t", "TEXT", WordKind.TEXT, "type TEXT and Enter")
                .json()
                .example("console m0 serial0 --type 'ls /'"),
            this::console));
  }

  private String console(Words words) throws MachineException {
    Machine machine = words.machine(machines);
    String device = words.text("DEVICE", "");
    boolean types = words.has("--type");
    if (device.isEmpty() && !types) {
      return list(machine, words.isJson());
    }
    Console console = find(machine, device);
    if (types) {
      console.type((words.option("--type", "") + "\r").getBytes(StandardCharsets.UTF_8));
      return "typed";
    }
    String said = new String(console.recent(), StandardCharsets.UTF_8).replace("\r", "");
    if (!words.isJson()) {
      return said;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("device", console.device());
    all.put("leads to", console.destination());
    all.put("text", said);
    return Json.write(all);
  }

  private static String list(Machine machine, boolean json) {
    Table table = new Table("Device", "Leads to", "Kept");
    for (Console console : machine.consoles()) {
      table.row(console.device(), console.destination(), console.recent().length);
    }
    return table.print(json);
  }

  private static Console find(Machine machine, String device) throws MachineException {
    List<Console> all = machine.consoles();
    List<String> names = all.stream().map(Console::device).toList();
    if (device.isEmpty() && all.size() == 1) {
      return all.getFirst();
    }
    for (Console console : all) {
      if (console.device().equals(device)) {
        return console;
      }
    }
    String near = NearestWord.to(device, names);
    throw new MachineException(
        (device.isEmpty() ? "which console?" : machine.name() + " has no console " + device)
            + (near == null ? "" : "; did you mean " + near + "?")
            + " There are: "
            + String.join(", ", names));
  }
}
