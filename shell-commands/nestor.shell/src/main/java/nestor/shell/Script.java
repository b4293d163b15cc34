// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.MachineException;
import nestor.api.profile.ProfileException;
import org.apache.felix.gogo.runtime.Parser;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.apache.felix.gogo.runtime.Token;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Runs a text of shell commands statement by statement and shows what each gives back. */
final class Script {
  private final CommandProcessor processor;
  private final CommandIo io;

  Script(CommandProcessor processor, CommandIo io) {
    this.processor = processor;
    this.io = io;
  }

  /**
   * Runs the commands in order, up to the first that fails.
   *
   * @param source what to call the text in errors
   * @return the exit code, 0 if all went well
   * @throws CommandException what failed, with its line
   */
  int run(String text, String source) throws CommandException {
    try (CommandSession session = processor.createSession(io.in(), io.out(), io.err())) {
      session.currentDir(io.directory());
      session.put("SCOPE", "nestor:gogo:felix:*");
      for (Token statement : new Parser(text).program().tokens()) {
        String place = source + ":" + (statement.line() + 1) + ": ";
        try {
          show(session, session.execute(statement));
        } catch (Exception e) {
          throw failure(place, e);
        }
      }
      return Command.OK;
    } catch (SyntaxError e) {
      throw new CommandException(
          Command.USAGE, source + ":" + (e.line() + 1) + ": " + e.getMessage());
    } finally {
      io.out().flush();
    }
  }

  private void show(CommandSession session, Object result) {
    if (result != null) {
      PrintStream out = io.out();
      CharSequence text = session.format(result, Converter.INSPECT);
      out.print(text);
      if (text.isEmpty() || text.charAt(text.length() - 1) != '\n') {
        out.println();
      }
    }
  }

  private static CommandException failure(String place, Exception thrown) {
    Throwable cause = thrown;
    while (cause instanceof InvocationTargetException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    int code =
        switch (cause) {
          case CommandException e -> e.exitCode();
          case IllegalArgumentException _ -> Command.USAGE;
          case MachineException _ -> Command.BAD_INPUT;
          case ProfileException _ -> Command.BAD_INPUT;
          default -> Command.FAILURE;
        };
    String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    CommandException failure = new CommandException(code, place + text);
    failure.initCause(thrown);
    return failure;
  }
}
