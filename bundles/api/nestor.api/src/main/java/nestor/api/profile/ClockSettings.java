// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.OptionalLong;

/**
 * The machine's clock.
 *
 * @param hertz instructions, and ticks of the TSC, per second of guest time
 * @param rtcStart what the CMOS clock says at power-on, in seconds since 1970-01-01 UTC; empty to
 *     follow the host
 */
public record ClockSettings(long hertz, OptionalLong rtcStart, Mode mode) {

  /** What makes guest time pass. */
  public enum Mode {
    /** Instructions alone. */
    DETERMINISTIC,
    /** The host's clock. */
    REALTIME
  }
}
