// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Lets output through, or makes it wait while somebody else uses the terminal. */
final class Gate extends OutputStream {
  private final PrintStream out;
  private boolean shut;

  Gate(PrintStream out) {
    this.out = out;
  }

  synchronized void shut() {
    shut = true;
  }

  synchronized void open() {
    shut = false;
    notifyAll();
  }

  /** Says something between two pieces of output. */
  void aside(String text) {
    synchronized (out) {
      out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    synchronized (this) {
      while (shut) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
    synchronized (out) {
      out.write(bytes, offset, length);
      out.flush();
    }
  }
}
