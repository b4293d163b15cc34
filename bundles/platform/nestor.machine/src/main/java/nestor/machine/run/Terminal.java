// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import nestor.api.command.CommandIo;
import nestor.api.machine.Console;

/**
 * Joins a guest's console with the process's input and output until the machine ends.
 *
 * <p>On a terminal every key goes to the guest, except what follows Ctrl-A. In the shell the
 * terminal works as usual; the guest goes on, its output waits.
 */
final class Terminal implements AutoCloseable {
  private static final String HELP =
      "\r\n[Ctrl-A x leaves, Ctrl-A c goes to the shell and back, Ctrl-A Ctrl-A sends Ctrl-A]\r\n";
  private static final String PROMPT = "nestor> ";

  private final CommandIo io;
  private final Console console;
  private final InnerShell shell;
  private final Runnable onLeave;
  private final Stty stty;
  private final Gate gate;
  private final Console.Connection connection;
  private final Keys keys = new Keys();
  private InnerShell.Session session;
  private final StringBuilder line = new StringBuilder();

  /**
   * Connects.
   *
   * @param reads whether input goes to the guest
   * @param shell null if there is none
   */
  Terminal(CommandIo io, Console console, boolean reads, InnerShell shell, Runnable onLeave) {
    this.io = io;
    this.console = console;
    this.shell = shell;
    this.onLeave = onLeave;
    boolean interactive = io.isTerminal() && reads;
    this.stty = interactive ? Stty.open() : null;
    this.gate = new Gate(io.out());
    if (stty != null) {
      stty.raw();
    }
    this.connection = console.connect(gate, true, interactive);
    if (reads) {
      Thread.ofPlatform().daemon().name("nestor-terminal").start(this::read);
    }
  }

  private void read() {
    InputStream in = io.in();
    byte[] bytes = new byte[4096];
    try {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        if (stty == null) {
          console.type(Arrays.copyOf(bytes, count));
        } else {
          typed(bytes, count);
        }
      }
    } catch (IOException e) {
      // The input is gone; the guest goes on without.
      return;
    }
  }

  private void typed(byte[] bytes, int count) {
    int at = 0;
    while (at < count) {
      if (session != null) {
        at = shellInput(bytes, at, count);
        continue;
      }
      ByteArrayOutputStream guest = new ByteArrayOutputStream();
      at = keys.scan(bytes, at, count, guest);
      console.type(guest.toByteArray());
      switch (keys.wish()) {
        case NONE -> {}
        case LEAVE -> onLeave.run();
        case HELP -> gate.aside(HELP);
        case SHELL -> enterShell();
      }
    }
  }

  private void enterShell() {
    if (shell == null) {
      gate.aside("\r\n[there is no shell in this run]\r\n");
      return;
    }
    gate.shut();
    stty.restore();
    PrintStream out = io.out();
    out.println();
    out.println("The guest goes on, its output waits. An empty line, exit or Ctrl-A c goes back.");
    out.print(PROMPT);
    out.flush();
    session = shell.open(out);
  }

  /** One key at a time: the terminal hands over whole lines now. */
  private int shellInput(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] != '\n' && bytes[i] != '\r') {
        line.append((char) (bytes[i] & 0xFF));
        continue;
      }
      byte[] raw = line.toString().getBytes(StandardCharsets.ISO_8859_1);
      String text = new String(raw, StandardCharsets.UTF_8).strip();
      line.setLength(0);
      if (text.isEmpty() || text.equals("exit") || text.charAt(0) == Keys.PREFIX) {
        session = null;
        stty.raw();
        gate.open();
        return i + 1;
      }
      session.line(text);
      io.out().print(PROMPT);
      io.out().flush();
    }
    return end;
  }

  @Override
  public void close() {
    gate.open();
    connection.close();
    if (stty != null) {
      stty.restore();
    }
  }
}
