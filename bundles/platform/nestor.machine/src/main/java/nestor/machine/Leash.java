// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

/** How far a machine may run before it holds by itself. On the machine's thread. */
final class Leash {
  private long end = Long.MAX_VALUE;
  private Runnable held; // null: nobody waits

  /** Lets the machine run up to a tick; whoever waits is told when it holds again. */
  void put(long tick, Runnable whenHeld) {
    take();
    end = tick;
    held = whenHeld;
  }

  /** Nothing holds the machine any more; who waited is told. */
  void take() {
    Runnable waiting = held;
    end = Long.MAX_VALUE;
    held = null;
    if (waiting != null) {
      waiting.run();
    }
  }

  boolean isOn() {
    return end != Long.MAX_VALUE;
  }

  boolean isReached(long tick) {
    return tick >= end;
  }

  /** {@return the earlier of a tick and the end} */
  long limit(long tick) {
    return Math.min(tick, end);
  }
}
