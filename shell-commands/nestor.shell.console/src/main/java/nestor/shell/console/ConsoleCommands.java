// SPDX-License-Identifier: Apache-2.0
package nestor.shell.console;

import java.nio.charset.StandardCharsets;
import java.util.List;
import nestor.api.machine.Console;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import nestor.api.shell.Table;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Reading what guests say and typing to them. */
@Component(
    service = ConsoleCommands.class,
    property = {"osgi.command.scope=nestor", "osgi.command.function=console"})
public final class ConsoleCommands {
  private final Machines machines;

  /** Speaks of the consoles of these machines. */
  @Activate
  public ConsoleCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  /** Lists the consoles, or shows the only one. */
  @Descriptor("list the consoles of a machine")
  public String console(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine)
      throws MachineException {
    Table table = new Table("Device", "Leads to", "Kept");
    for (Console console : Choice.machine(machines, machine).consoles()) {
      table.row(console.device(), console.destination(), console.recent().length);
    }
    return table.print(json);
  }

  /** Shows what was said last. */
  @Descriptor("show what a guest said last on a console")
  public String console(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("type this text, then Enter, instead of showing")
          @Parameter(
              names = {"-t", "--type"},
              absentValue = "\0")
          String text,
      @Descriptor("the device") String device)
      throws MachineException {
    Console console = find(Choice.machine(machines, machine), device);
    if (!text.equals("\0")) {
      console.type((text + "\r").getBytes(StandardCharsets.UTF_8));
      return "typed";
    }
    return new String(console.recent(), StandardCharsets.UTF_8).replace("\r", "");
  }

  private static Console find(Machine machine, String device) throws MachineException {
    List<Console> all = machine.consoles();
    for (Console console : all) {
      if (console.device().equals(device)) {
        return console;
      }
    }
    throw new MachineException(
        "no console "
            + device
            + "; there are: "
            + String.join(", ", all.stream().map(Console::device).toList()));
  }
}
