// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.FileTrouble;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Runs shell commands without a terminal: from a file, from standard input or from {@code -c}. */
@Component
public final class ExecCommand implements Command {
  private final CommandProcessor processor;

  @Activate
  public ExecCommand(@Reference CommandProcessor processor) {
    this.processor = processor;
  }

  @Override
  public String name() {
    return "exec";
  }

  @Override
  public String summary() {
    return "run shell commands from a file, or from -c 'COMMANDS'";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor exec FILE     commands from a file ('-' is standard input)
               ./nestor -c 'COMMANDS' commands from the command line

        Runs shell commands one by one, as if typed, without a terminal. Commands
        are separated by ';' or stand on lines of their own; '#' starts a comment.
        The first that fails ends the run.

        Exit code: 0, or 2 for a command or word that is not known, 6 for a file
        that cannot be read, 70 for a command that failed.

        Example: ./nestor -c 'profiles; create tiny; start; info'
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    if (args.size() == 2 && args.get(0).equals("-c")) {
      return new Script(processor, io).run(args.get(1), "-c");
    }
    if (args.size() != 1 || args.get(0).equals("-c")) {
      throw new CommandException(
          USAGE, "exec takes one file, and -c takes one text: put the commands in quotes");
    }
    String file = args.get(0);
    return new Script(processor, io).run(read(file, io), file);
  }

  private static String read(String file, CommandIo io) throws IOException, CommandException {
    if (file.equals("-")) {
      return new String(io.in().readAllBytes(), StandardCharsets.UTF_8);
    }
    Path path = io.directory().resolve(file);
    if (Files.isDirectory(path)) {
      throw new CommandException(BAD_INPUT, file + " is a folder, not a file of commands");
    }
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new CommandException(BAD_INPUT, "there is no file " + file);
    } catch (CharacterCodingException e) {
      throw new CommandException(BAD_INPUT, file + " is not UTF-8 text");
    } catch (IOException e) {
      throw new CommandException(BAD_INPUT, file + ": cannot be read: " + FileTrouble.reason(e));
    }
  }
}
