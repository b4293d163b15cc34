// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import nestor.api.command.CommandIo;

/** Tells the user on standard error what is going on: on a terminal in one line, over and over. */
final class Progress {
  private static final String CLEAR = "\r\u001b[K";

  private final CommandIo io;
  private boolean open;

  Progress(CommandIo io) {
    this.io = io;
  }

  /** Something begins. */
  void step(String text) {
    if (io.isTerminal()) {
      io.err().print(CLEAR + text.substring(0, Math.min(text.length(), io.columns() - 1)));
      open = true;
    } else {
      io.err().println(text);
    }
    io.err().flush();
  }

  /** Something small begins, worth a word only where it replaces another. */
  void detail(String text) {
    if (io.isTerminal()) {
      step(text);
    }
  }

  /** Something that the user should still know afterwards. */
  void note(String text) {
    done();
    io.err().println("nestor bench: " + text);
    io.err().flush();
  }

  /** Clears the line. */
  void done() {
    if (open) {
      io.err().print(CLEAR);
      io.err().flush();
      open = false;
    }
  }
}
