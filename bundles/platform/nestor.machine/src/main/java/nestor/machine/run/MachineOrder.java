// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;

/** Makes the machine that the options of a command ask for. */
final class MachineOrder {
  private MachineOrder() {}

  /**
   * {@return the machine, switched off}
   *
   * @param more settings {@code PATH=VALUE} that count more than those of the options
   */
  static Machine create(
      Machines machines,
      ProfileLibrary profiles,
      String name,
      RunOptions options,
      List<String> more)
      throws CommandException {
    List<String> settings = new ArrayList<>(options.overrides);
    settings.addAll(more);
    try {
      return machines.create(
          new MachineSpec(
              name,
              profiles.resolve(options.profile, settings),
              options.script,
              options.reboots,
              options.record,
              options.replay));
    } catch (ProfileException e) {
      boolean byOption = e.getMessage().startsWith("--");
      throw new CommandException(byOption ? Command.USAGE : Command.BAD_INPUT, e.getMessage());
    } catch (MachineException e) {
      throw new CommandException(Command.BAD_INPUT, e.getMessage());
    }
  }
}
