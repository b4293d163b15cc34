// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;

/**
 * Shows warnings and errors of the OSGi log on standard error; with NESTOR_DEBUG set, everything
 * and the stacks.
 *
 * <p>Called on a thread of the log service.
 */
@Component(
    service = {},
    immediate = true)
public final class ConsoleLog implements LogListener {
  /** The launcher reports the framework's own events itself. */
  private static final String EVENTS = "Events.";

  private final LogReaderService reader;
  private final boolean debug = System.getenv("NESTOR_DEBUG") != null;

  @Activate
  public ConsoleLog(@Reference LogReaderService reader) {
    this.reader = reader;
    reader.addLogListener(this);
  }

  @Deactivate
  void leave() {
    reader.removeLogListener(this);
  }

  @Override
  public void logged(LogEntry entry) {
    LogLevel least = debug ? LogLevel.INFO : LogLevel.WARN;
    if (entry.getLoggerName().startsWith(EVENTS) || !least.implies(entry.getLogLevel())) {
      return;
    }
    Throwable thrown = entry.getException();
    StringBuilder line = new StringBuilder("nestor: ");
    if (entry.getBundle() != null) {
      line.append(entry.getBundle().getSymbolicName()).append(": ");
    }
    line.append(entry.getMessage());
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      line.append(": ").append(cause);
    }
    System.err.println(line);
    if (thrown != null && debug) {
      thrown.printStackTrace();
    }
  }
}
