// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Reads what the demonstration guest prints: a greeting, then the numbers from 1 on. */
final class CountingReader extends OutputStream {
  private static final int SHOWN_FIRST = 3;

  private final String name;
  private final PrintStream out;
  private final int shownEach;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int last = -1;
  private String wrong;

  /** Shows the first lines and then one in so many, under a name. */
  CountingReader(String name, PrintStream out, int shownEach) {
    this.name = name;
    this.out = out;
    this.shownEach = shownEach;
  }

  @Override
  public synchronized void write(int b) {
    if (b == '\n') {
      line(line.toString(StandardCharsets.US_ASCII).strip());
      line.reset();
      notifyAll();
    } else {
      line.write(b);
    }
  }

  private void line(String text) {
    if (last < 0) {
      out.println("  " + name + ": " + text);
      last = 0;
      return;
    }
    last++;
    if (!text.equals(Integer.toString(last)) && wrong == null) {
      wrong = "expected " + last + " and got \"" + text + "\"";
    }
    if (last <= SHOWN_FIRST || last % shownEach == 0) {
      out.println("  " + name + ": " + text);
    }
  }

  /** Waits until the guest has counted so far; false if it does not within the time. */
  synchronized boolean await(int number, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (last < number) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** {@return the last number} */
  synchronized int last() {
    return last;
  }

  /** {@return the first line that was not the next number, or null} */
  synchronized String wrong() {
    return wrong;
  }
}
