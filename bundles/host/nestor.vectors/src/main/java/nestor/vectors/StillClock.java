// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;

/** A clock that stands: recorded cases have no time. */
final class StillClock implements VirtualClock {

  @Override
  public long nanos() {
    return 0;
  }

  @Override
  public Timer timer(String name, Runnable onExpiry) {
    return new Timer() {
      private long deadline = Long.MAX_VALUE;

      @Override
      public void arm(long deadlineNanos) {
        deadline = deadlineNanos;
      }

      @Override
      public void cancel() {
        deadline = Long.MAX_VALUE;
      }

      @Override
      public boolean isArmed() {
        return deadline != Long.MAX_VALUE;
      }

      @Override
      public long deadlineNanos() {
        return deadline;
      }
    };
  }

  @Override
  public long epochSeconds() {
    return 0;
  }
}
