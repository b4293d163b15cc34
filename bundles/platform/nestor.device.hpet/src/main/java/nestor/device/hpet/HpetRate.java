// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

/** The ratio between nanoseconds and ticks of the main counter, exact for ever. */
final class HpetRate {
  /** A time that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  private static final long FEMTOS_PER_NANO = 1_000_000;

  /** The shortest guest time after which arming a timer is given up, 14 years at 10 MHz. */
  private static final long FAR = 1L << 52;

  private final long ticks;
  private final long nanos;

  /**
   * @param periodFemtos length of a tick; the specification allows up to 100 ns
   */
  HpetRate(long periodFemtos) {
    if (periodFemtos < 100_000 || periodFemtos > 100_000_000) {
      throw new IllegalArgumentException(
          "period must be 100000 to 100000000 femtoseconds: " + periodFemtos);
    }
    long divisor = divisor(periodFemtos, FEMTOS_PER_NANO);
    ticks = FEMTOS_PER_NANO / divisor;
    nanos = periodFemtos / divisor;
  }

  /** {@return whole ticks in a time} */
  long ticks(long elapsedNanos) {
    // Apart, so that no product overflows.
    return elapsedNanos / nanos * ticks + elapsedNanos % nanos * ticks / nanos;
  }

  /** {@return the first nanosecond at which a tick has come} */
  long nanos(long tick) {
    if (tick < 0 || tick > FAR) {
      return NEVER;
    }
    return tick / ticks * nanos + Math.ceilDiv(tick % ticks * nanos, ticks);
  }

  private static long divisor(long a, long b) {
    return b == 0 ? a : divisor(b, a % b);
  }
}
