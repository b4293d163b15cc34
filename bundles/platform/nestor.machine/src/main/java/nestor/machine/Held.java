// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Where a breakpoint holds the machine, for whoever waits for that. Safe for any thread. */
final class Held {
  private final List<Consumer<String>> told = new ArrayList<>();
  private String where;

  /** The machine is held. */
  synchronized void at(String text) {
    where = text;
    notifyAll();
    told.forEach(one -> one.accept(text));
  }

  /** It goes on. */
  synchronized void gone() {
    where = null;
  }

  /** Tells somebody of every hold. */
  synchronized void tell(Consumer<String> one) {
    told.add(one);
  }

  /** {@return where it is held, as soon as it is; empty if the time is over first} */
  synchronized Optional<String> await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (where == null) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return Optional.ofNullable(where);
  }
}
