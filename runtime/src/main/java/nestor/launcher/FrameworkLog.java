// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.PrintStream;
import org.apache.felix.framework.Logger;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/** Shows the framework's own complaints on standard error, one line each. */
final class FrameworkLog extends Logger {
  private final PrintStream err;

  FrameworkLog(PrintStream err) {
    this.err = err;
    setLogLevel(Main.DEBUG ? LOG_WARNING : LOG_ERROR);
  }

  @Override
  @SuppressWarnings("rawtypes") // as in the class above
  protected void doLog(
      Bundle bundle, ServiceReference service, int level, String message, Throwable thrown) {
    String who = bundle == null ? "framework" : bundle.getSymbolicName();
    err.println("nestor: " + who + ": " + message + reason(thrown));
    if (thrown != null && Main.DEBUG) {
      thrown.printStackTrace(err);
    }
  }

  private static String reason(Throwable thrown) {
    return thrown == null ? "" : ": " + Main.describe(thrown);
  }
}
