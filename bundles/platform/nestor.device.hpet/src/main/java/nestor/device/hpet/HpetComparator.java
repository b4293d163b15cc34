// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * One timer of the HPET: its configuration and comparator, without clock and pins (IA-PC HPET
 * specification 1.0a, 2.3.8 to 2.3.10).
 *
 * <p>It is told the main counter from time to time, says whether a match lay in between, and how
 * far the next one is.
 */
final class HpetComparator {
  private static final long LEVEL = 1 << 1;
  private static final long ENABLE = 1 << 2;
  private static final long PERIODIC = 1 << 3;
  private static final long PERIODIC_CAPABLE = 1 << 4;
  private static final long SIZE_64 = 1 << 5;
  private static final long VALUE_SET = 1 << 6;
  private static final long MODE_32 = 1 << 8;
  private static final long ROUTE = 0x1F << 9;
  private static final long MESSAGE_ENABLE = 1 << 14;
  private static final long MESSAGE_CAPABLE = 1 << 15;
  private static final long WRITABLE = LEVEL | ENABLE | PERIODIC | MODE_32;
  private static final long LOW = 0xFFFF_FFFFL;

  private final long capabilities;
  private long settings;
  private boolean setsValue;
  private long comparator = -1;
  private long period;
  private long message;
  private long seen;

  /**
   * @param routes the IOAPIC inputs it can drive, a bit each
   * @param messages whether it can send messages
   */
  HpetComparator(long routes, boolean messages) {
    capabilities = (routes << 32) | PERIODIC_CAPABLE | SIZE_64 | (messages ? MESSAGE_CAPABLE : 0);
  }

  /** {@return whether the counter has passed the comparator since the last call} */
  boolean advance(long counter) {
    long passed = counter - seen;
    long distance = distance();
    seen = counter;
    if (distance == 0 || Long.compareUnsigned(distance, passed) > 0) {
      return false;
    }
    if (isPeriodic() && period != 0) {
      long matches = Long.divideUnsigned(passed - distance, period) + 1;
      comparator = (comparator + matches * period) & mask();
    }
    return true;
  }

  /** The counter was set: nothing was passed. */
  void jump(long counter) {
    seen = counter;
  }

  /** {@return ticks from the last call of {@link #advance} to the next match, 0 for never} */
  long distance() {
    long distance = (comparator - seen) & mask();
    return distance == 0 && is32Bit() ? LOW + 1 : distance;
  }

  long configuration() {
    return capabilities | settings;
  }

  void configure(long value) {
    boolean canRoute = ((capabilities >>> 32 >>> (value >>> 9 & 0x1F)) & 1) != 0;
    long route = canRoute ? value & ROUTE : settings & ROUTE;
    long messages = (capabilities & MESSAGE_CAPABLE) != 0 ? value & MESSAGE_ENABLE : 0;
    settings = (value & WRITABLE) | route | messages;
    setsValue = (value & VALUE_SET) != 0 && isPeriodic();
    comparator &= mask();
    period &= mask();
  }

  long comparator() {
    return comparator;
  }

  /**
   * A write to the comparator. In periodic mode it sets the period, and the next match as well if
   * Tn_VAL_SET_CNF was set before.
   */
  void compareWith(long written, long writtenMask) {
    if (!isPeriodic() || setsValue) {
      comparator = merged(comparator, written, writtenMask) & mask();
    }
    if (isPeriodic()) {
      period = merged(setsValue ? comparator : period, written, writtenMask) & mask();
    }
    setsValue = false;
  }

  /** {@return the address to write to in the upper half, and what to write in the lower} */
  long message() {
    return message;
  }

  void setMessage(long written, long writtenMask) {
    message = merged(message, written, writtenMask);
  }

  boolean isLevel() {
    return (settings & LEVEL) != 0;
  }

  boolean isEnabled() {
    return (settings & ENABLE) != 0;
  }

  boolean sendsMessages() {
    return (settings & MESSAGE_ENABLE) != 0;
  }

  int route() {
    return (int) (settings & ROUTE) >>> 9;
  }

  void save(StateWriter out, String name) {
    out.putLongs(name, settings, setsValue ? 1 : 0, comparator, period, message, seen);
  }

  void restore(StateReader in, String name) {
    long[] saved = in.getLongs(name);
    settings = saved[0];
    setsValue = saved[1] != 0;
    comparator = saved[2];
    period = saved[3];
    message = saved[4];
    seen = saved[5];
  }

  private boolean isPeriodic() {
    return (settings & PERIODIC) != 0;
  }

  private boolean is32Bit() {
    return (settings & MODE_32) != 0;
  }

  private long mask() {
    return is32Bit() ? LOW : -1;
  }

  private static long merged(long old, long written, long writtenMask) {
    return (old & ~writtenMask) | (written & writtenMask);
  }
}
