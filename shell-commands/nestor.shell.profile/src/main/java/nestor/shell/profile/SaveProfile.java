// SPDX-License-Identifier: Apache-2.0
package nestor.shell.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code save-profile FILE [MACHINE]}: writes the profile of a machine to a file. A function of its
 * own, since no Java method can have that name.
 */
@Component(
    service = Function.class,
    property = {"osgi.command.scope=nestor", "osgi.command.function=save-profile"})
public final class SaveProfile implements Function {
  private static final String USAGE =
      "save-profile FILE [MACHINE] writes the profile of a machine to a file, to be used again";

  private final Machines machines;

  /** Saves profiles of these machines. */
  @Activate
  public SaveProfile(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public Object execute(CommandSession session, List<Object> arguments) throws MachineException {
    if (arguments.isEmpty() || arguments.size() > 2 || arguments.contains("--help")) {
      throw new IllegalArgumentException(USAGE);
    }
    String machine = arguments.size() > 1 ? arguments.get(1).toString() : "";
    Path file = session.currentDir().resolve(arguments.get(0).toString());
    try {
      Files.writeString(file, Choice.machine(machines, machine).profile().text() + "\n");
    } catch (IOException e) {
      throw new MachineException(file + ": cannot be written: " + e.getMessage(), e);
    }
    return "written to " + file;
  }
}
