// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.PrintStream;

/** The shell that the user of a running machine can step into. */
public interface InnerShell {

  /** {@return a session that prints there} */
  Session open(PrintStream out);

  /** One conversation with the shell. */
  interface Session {
    /** Runs one line and prints what it gives. */
    void line(String text);
  }
}
