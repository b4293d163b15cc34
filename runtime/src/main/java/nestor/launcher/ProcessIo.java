// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import nestor.api.command.CommandIo;

/**
 * The streams of this process and what the start script found out about the terminal.
 *
 * <p>It must be made before the framework starts: the shell replaces System.in and System.out by
 * ones that differ from thread to thread, and a session on those would write to itself for ever.
 */
final class ProcessIo implements CommandIo {
  private static final int DEFAULT_COLUMNS = 80;

  private final InputStream in = System.in;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final Path home = LaunchOptions.findHome();
  private final Deque<Runnable> hooks = new ArrayDeque<>();

  private ProcessIo() {}

  static ProcessIo ofThisProcess() {
    ProcessIo io = new ProcessIo();
    Runtime.getRuntime().addShutdownHook(new Thread(io::cancel, "nestor-cancel"));
    return io;
  }

  /** The command has returned: the end of the process is no longer an interruption. */
  void finished() {
    synchronized (hooks) {
      hooks.clear();
    }
  }

  private void cancel() {
    while (true) {
      Runnable hook;
      synchronized (hooks) {
        hook = hooks.pollLast(); // the command's before the framework's
      }
      if (hook == null) {
        return;
      }
      hook.run();
    }
  }

  @Override
  public void onCancel(Runnable hook) {
    synchronized (hooks) {
      hooks.add(hook);
    }
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
    return Boolean.getBoolean("nestor.terminal");
  }

  @Override
  public int columns() {
    return Integer.getInteger("nestor.columns", DEFAULT_COLUMNS);
  }

  @Override
  public Path directory() {
    return Path.of("").toAbsolutePath();
  }

  @Override
  public Path home() {
    return home;
  }
}
