// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;

/**
 * A word that the start script handles itself, because it builds and therefore cannot run inside
 * what is built. Here for its help only.
 */
record ScriptCommand(String name, String summary, String help) implements Command {

  static final List<Command> ALL =
      List.of(
          new ScriptCommand(
              "test",
              "build everything and run the tests",
              """
              Usage: ./nestor test [MAVEN OPTIONS]

              Finds a JDK 25 or newer and runs 'mvn verify' with it: format, compiler and
              Javadoc lint, Error Prone, unit tests, the layers, tests in the framework.
              """),
          new ScriptCommand(
              "check",
              "the same as test; 'check full' adds everything that takes long",
              """
              Usage: ./nestor check [full] [MAVEN OPTIONS]

              'check' is './nestor test'. 'check full' also runs the tests tagged long:
              whole vector sets, many random programs, all guests.
              """));

  @Override
  public int run(List<String> args, CommandIo io) throws CommandException {
    throw new CommandException(USAGE, "use the script: ./nestor " + name);
  }
}
