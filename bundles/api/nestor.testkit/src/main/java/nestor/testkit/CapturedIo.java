// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nestor.api.command.CommandIo;

/** The outside world of a command in a test: given input, kept output, no terminal. */
public final class CapturedIo implements CommandIo {
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
  private final List<Runnable> hooks = new ArrayList<>();
  private final Path directory;
  private final Path home;
  private final InputStream in;

  /**
   * Gives a command no input.
   *
   * @param directory where the user seems to stand
   * @param home what seems to be the root of the Nestor tree
   */
  public CapturedIo(Path directory, Path home) {
    this(directory, home, "");
  }

  /** Gives a command a text on its standard input. */
  public CapturedIo(Path directory, Path home, String input) {
    this.directory = directory;
    this.home = home;
    this.in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
  }

  /** {@return what was printed on standard output so far} */
  public String output() {
    return outBytes.toString(StandardCharsets.UTF_8);
  }

  /** {@return what was printed on standard error so far} */
  public String errors() {
    return errBytes.toString(StandardCharsets.UTF_8);
  }

  /** Does what Ctrl-C does: runs the hooks, on the thread that calls this. */
  public void cancel() {
    hooks.forEach(Runnable::run);
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public PrintStream out() {
    return out;
  }

  @Override
  public PrintStream err() {
    return err;
  }

  @Override
  public boolean isTerminal() {
    return false;
  }

  @Override
  public int columns() {
    return 80;
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public Path home() {
    return home;
  }

  @Override
  public void onCancel(Runnable hook) {
    hooks.add(hook);
  }
}
