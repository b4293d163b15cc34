// SPDX-License-Identifier: Apache-2.0
package nestor.api.command;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One subcommand of {@code ./nestor}.
 *
 * <p>Create it cheaply: a service is made for each word whenever one of them is asked for help, so
 * a constructor must not do the command's work.
 */
@ConsumerType
public interface Command {

  /** Exit code: all went well, or the guest powered off. */
  int OK = 0;

  /** Exit code: the command line is wrong. */
  int USAGE = 2;

  /** Exit code: the guest died. */
  int GUEST_DIED = 4;

  /** Exit code: a profile, an image or another input is bad. */
  int BAD_INPUT = 6;

  /** Exit code: Nestor itself failed. */
  int FAILURE = 70;

  /** Exit code: the time limit given by the user was reached. */
  int TIME_LIMIT = 124;

  /** {@return the word typed after {@code ./nestor}: lower case, no blanks} */
  String name();

  /** {@return one line for the list of commands, without a full stop} */
  String summary();

  /** {@return the whole help text: usage line, options, an example; lines of at most 80 columns} */
  String help();

  /**
   * Does the work. Called on the main thread, once.
   *
   * <p>A wrong command line, a bad profile or image is not an exception: say one clear line on
   * {@link CommandIo#err} and return the code. What is thrown is shown as a failure of Nestor
   * itself, except {@link CommandException}, whose text and code are shown and used as they are.
   *
   * @param args what the user typed after the word
   * @param io where to read and write
   * @return the process's exit code: Nestor's own are even, those a guest chose are odd
   * @throws Exception if the command failed in a way that it has no better words for
   */
  int run(List<String> args, CommandIo io) throws Exception;
}
