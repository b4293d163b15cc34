// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.time.Timer;

/** A timer of a {@link MachineClock}. */
final class ClockTimer implements Timer {
  /** What it is for. */
  final String name;

  /** What to do when it expires. */
  final Runnable onExpiry;

  /** The first tick at or past the deadline. */
  long tick;

  /** Which arming this was: the older of two equal deadlines goes first. */
  long sequence;

  /** Place in the heap, or -1 while disarmed. */
  int place = -1;

  private final MachineClock clock;
  private long deadlineNanos = Long.MAX_VALUE;
  private boolean retired;

  ClockTimer(MachineClock clock, String name, Runnable onExpiry) {
    this.clock = clock;
    this.name = name;
    this.onExpiry = onExpiry;
  }

  @Override
  public void arm(long deadline) {
    if (retired) {
      return;
    }
    cancel();
    deadlineNanos = deadline;
    tick = clock.toTicks(deadline);
    clock.armed(this);
  }

  @Override
  public void cancel() {
    if (place >= 0) {
      clock.disarmed(this);
    }
  }

  /** Its device has left: disarms it for ever. */
  void retire() {
    cancel();
    retired = true;
  }

  @Override
  public boolean isArmed() {
    return place >= 0;
  }

  @Override
  public long deadlineNanos() {
    return place >= 0 ? deadlineNanos : Long.MAX_VALUE;
  }
}
