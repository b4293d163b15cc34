// SPDX-License-Identifier: Apache-2.0
package nestor.api.time;

import org.osgi.annotation.versioning.ProviderType;

/** One deadline on a {@link VirtualClock}. Expiry disarms it before the action runs. */
@ProviderType
public interface Timer {

  /** Arms the timer, or moves it if it is armed. A deadline in the past expires at once. */
  void arm(long deadlineNanos);

  /** Disarms the timer. Does nothing if it is not armed. */
  void cancel();

  /** {@return whether the timer will expire} */
  boolean isArmed();

  /** {@return the deadline in nanoseconds of guest time, or {@code Long.MAX_VALUE} if disarmed} */
  long deadlineNanos();
}
