// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;

/** The process behind the script {@code nestor}: starts the framework, runs one command, exits. */
public final class Main {

  /** Set to see stack traces and debug messages. */
  static final boolean DEBUG = System.getenv("NESTOR_DEBUG") != null;

  private Main() {}

  /** Runs the command that the arguments name, and ends the process with its code. */
  public static void main(String[] args) {
    ProcessIo io = ProcessIo.ofThisProcess();
    int code = run(List.of(args), io);
    io.finished();
    io.out().flush();
    System.exit(code);
  }

  private static int run(List<String> args, ProcessIo io) {
    try {
      CommandLine line = CommandLine.parse(args);
      try (NestorFramework framework =
          NestorFramework.start(line.options(io.home(), io.isTerminal()))) {
        io.onCancel(framework::close);
        return framework.command(line.word()).run(line.arguments(), io);
      }
    } catch (CommandException e) {
      io.err().println("nestor: " + e.getMessage());
      explain(e, io);
      return e.exitCode();
    } catch (Throwable e) { // whatever it is, the user gets one line and not a stack
      io.err().println("nestor: " + describe(e));
      if (!DEBUG) {
        io.err().println("(This is a failure of Nestor itself. NESTOR_DEBUG=1 shows where.)");
      }
      explain(e, io);
      return Command.FAILURE;
    }
  }

  private static void explain(Throwable e, ProcessIo io) {
    if (DEBUG) {
      e.printStackTrace(io.err());
    }
  }

  /** The chain of causes on one line, each text once. */
  static String describe(Throwable e) {
    List<String> parts = new ArrayList<>();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String text = cause.getMessage();
      String part = text == null ? cause.getClass().getSimpleName() : text.strip();
      if (parts.stream().noneMatch(earlier -> earlier.contains(part))) {
        parts.add(part);
      }
    }
    return String.join(": ", parts);
  }
}
