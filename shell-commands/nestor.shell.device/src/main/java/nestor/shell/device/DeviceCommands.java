// SPDX-License-Identifier: Apache-2.0
package nestor.shell.device;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import nestor.api.json.Json;
import nestor.api.json.JsonException;
import nestor.api.json.JsonValue;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceType;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at devices, plugging and exchanging them. */
@Component
public final class DeviceCommands implements Verbs {
  private final Machines machines;
  private final DeviceCatalog catalog;

  /** Speaks of the devices of these machines. */
  @Activate
  public DeviceCommands(@Reference Machines machines, @Reference DeviceCatalog catalog) {
    this.machines = machines;
    this.catalog = catalog;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("devices", "list the devices: where they are and what they come from")
                .machine()
                .json(),
            this::devices),
        new Verb(
            Syntax.of("plug", "plug one more device in")
                .machine()
                .word("DEVICE", WordKind.TEXT, "what to call it")
                .word("TYPE", WordKind.DEVICE_TYPE, "its type, or a JSON object as in a profile")
                .repeated("KEY=VALUE", WordKind.TEXT, "settings, as in a profile")
                .example("plug m0 die nestor.example.dice ports=0x510+2 sides=20"),
            this::plug),
        new Verb(
            Syntax.of("unplug", "take a device out for good")
                .machine()
                .word("DEVICE", WordKind.DEVICE, "its name")
                .example("unplug m0 die"),
            this::unplug),
        new Verb(
            Syntax.of("swap", "exchange a device for another that takes its state over")
                .machine()
                .word("DEVICE", WordKind.DEVICE, "its name")
                .optional(
                    "TYPE", WordKind.DEVICE_TYPE, "type of the successor; its own if not given")
                .example("swap m0 serial0"),
            this::swap));
  }

  private String devices(Words words) throws MachineException {
    Table table = new Table("Name", "Type", "Ports", "Memory", "IRQ", "State", "Bundle", "Status");
    for (DeviceView d : words.machine(machines).devices()) {
      table.row(
          d.name(),
          d.pid(),
          d.ports(),
          d.mmio(),
          d.irq() < 0 ? "" : Integer.toString(d.irq()),
          d.section(),
          d.bundle(),
          d.status());
    }
    return table.print(words.isJson());
  }

  private String plug(Words words) throws MachineException, CommandException {
    String device = words.text("DEVICE");
    String type = words.text("TYPE");
    List<String> settings = words.all("KEY=VALUE");
    boolean isJson = type.stripLeading().startsWith("{");
    if (isJson && !settings.isEmpty()) {
      throw new CommandException(
          Command.USAGE, "plug: put \"" + settings.getFirst() + "\" into the JSON object");
    }
    words.machine(machines).plug(device, isJson ? type : object(type, settings));
    return device + " is plugged in";
  }

  /** Settings as they would stand in a profile; what is no JSON value is a string. */
  private static String object(String type, List<String> settings) throws CommandException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", type);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new CommandException(
            Command.USAGE, "plug: settings are KEY=VALUE, not \"" + setting + "\"");
      }
      object.put(setting.substring(0, equals), value(setting.substring(equals + 1)));
    }
    return Json.write(object);
  }

  private static Object value(String text) {
    try {
      return switch (Json.parse(text, "value")) {
        case JsonValue.JsonNumber number -> number.value();
        case JsonValue.JsonFlag flag -> flag.value();
        default -> text;
      };
    } catch (JsonException e) {
      return text;
    }
  }

  private String unplug(Words words) throws MachineException {
    String device = words.text("DEVICE");
    Machine machine = words.machine(machines);
    view(machine, device);
    machine.unplug(device);
    return device + " is out";
  }

  private String swap(Words words) throws MachineException {
    String device = words.text("DEVICE");
    Machine machine = words.machine(machines);
    DeviceView old = view(machine, device);
    Duration pause = machine.swap(device, pid(words.text("TYPE", old.pid())));
    return String.format(
        "%s was exchanged; the machine stood still for %.1f ms", device, pause.toNanos() / 1e6);
  }

  private String pid(String word) throws MachineException {
    List<DeviceType> types = catalog.types();
    for (DeviceType type : types) {
      if (type.word().equals(word) || type.pid().equals(word)) {
        return type.pid();
      }
    }
    String near = NearestWord.to(word, types.stream().map(DeviceType::word).toList());
    throw new MachineException(
        "no bundle has a device of the type "
            + word
            + (near == null ? "" : "; did you mean " + near + "?"));
  }

  private static DeviceView view(Machine machine, String device) throws MachineException {
    List<DeviceView> all = machine.devices();
    for (DeviceView view : all) {
      if (view.name().equals(device)) {
        return view;
      }
    }
    String near = NearestWord.to(device, all.stream().map(DeviceView::name).toList());
    throw new MachineException(
        machine.name()
            + " has no device "
            + device
            + (near == null ? "; 'devices' lists them" : "; did you mean " + near + "?"));
  }
}
