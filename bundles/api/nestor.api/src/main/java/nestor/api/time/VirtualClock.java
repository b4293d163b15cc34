// SPDX-License-Identifier: Apache-2.0
package nestor.api.time;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The one clock of a machine, in nanoseconds of guest time since power-on.
 *
 * <p>By default one retired instruction is one nanosecond. Read inside a device access, the clock
 * stands at the instruction that makes the access.
 */
@ProviderType
public interface VirtualClock {

  /** {@return guest time in nanoseconds since power-on; never decreases} */
  long nanos();

  /**
   * {@return a new disarmed timer}
   *
   * @param name what it is for, shown by {@code nestor:info} and in traces
   * @param onExpiry run on the machine's thread at the first instruction boundary whose time is at
   *     or past the deadline
   */
  Timer timer(String name, Runnable onExpiry);

  /** {@return the wall-clock date the RTC starts from, in seconds since 1970-01-01 UTC} */
  long epochSeconds();
}
