// SPDX-License-Identifier: Apache-2.0
package nestor.device.acpipm;

/**
 * The arithmetic of the power-management timer: a free-running counter at 3.579545 MHz (ACPI 6.5,
 * 4.8.3.3). Nothing is stored; the counter is a function of guest time.
 */
final class PmTimer {
  private static final long HERTZ = 3_579_545;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private PmTimer() {}

  static long ticks(long nanos) {
    // Seconds and remainder apart: nanos * HERTZ overflows a long after 43 minutes.
    long seconds = nanos / NANOS_PER_SECOND;
    long remainder = nanos % NANOS_PER_SECOND;
    return seconds * HERTZ + remainder * HERTZ / NANOS_PER_SECOND;
  }

  /** {@return the first nanosecond at which the counter has reached a tick} */
  static long nanos(long tick) {
    long seconds = tick / HERTZ;
    long remainder = tick % HERTZ;
    return seconds * NANOS_PER_SECOND + Math.ceilDiv(remainder * NANOS_PER_SECOND, HERTZ);
  }
}
