// SPDX-License-Identifier: Apache-2.0
package nestor.api.command;

/** Ends a command with one clear line for the user and an exit code, without a stack trace. */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The code that the process ends with. */
  private final int exitCode;

  /**
   * Ends a command.
   *
   * @param exitCode one of the codes in {@link Command}
   * @param message what is wrong, where, and what to do; it may have several lines
   */
  public CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** {@return the code that the process ends with} */
  public int exitCode() {
    return exitCode;
  }
}
