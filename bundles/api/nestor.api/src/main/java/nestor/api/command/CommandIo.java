// SPDX-License-Identifier: Apache-2.0
package nestor.api.command;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The outside world of one command: the process's real streams, taken before the framework started,
 * and where the user stands.
 */
@ProviderType
public interface CommandIo {

  /** {@return the process's standard input} */
  InputStream in();

  /** {@return the process's standard output} */
  PrintStream out();

  /** {@return the process's standard error: messages and progress} */
  PrintStream err();

  /**
   * {@return whether input and output are both a terminal, so that colours and raw mode make sense}
   */
  boolean isTerminal();

  /** {@return width of the terminal in columns, 80 if unknown} */
  int columns();

  /** {@return the folder the user started Nestor in; relative paths of arguments are under it} */
  Path directory();

  /** {@return the root of the Nestor tree, which holds {@code features/} and {@code guests/}} */
  Path home();

  /**
   * Calls {@code hook} once, on another thread, when the user interrupts the process (Ctrl-C) or it
   * is asked to end. The process ends when all hooks have returned.
   */
  void onCancel(Runnable hook);
}
