// SPDX-License-Identifier: Apache-2.0
package nestor.device.pit;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * One of the three counters of an 8254, after Intel's data sheet (231164-005).
 *
 * <p>Nothing counts here. A counter keeps the tick at which its count was loaded, and count and
 * output follow from the tick of the question by division. Ticks are those of the input clock, and
 * a write between tick w and w+1 loads at w+1. Every method that takes the present tick first takes
 * over a load that has become due.
 */
final class PitCounter {
  /** A tick that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  private int mode;
  private int access = 3;
  private boolean bcd;
  private boolean gate;

  private int countRegister;
  private boolean hasCount;
  private boolean nullCount = true;
  private int lowByte;
  private boolean writesHigh;

  /** The tick of the next load, or {@link #NEVER}. */
  private long loadAt = NEVER;

  /** Mode 3: the next load comes at the start of the low half. */
  private boolean loadsLow;

  private boolean loaded;
  private boolean runs;
  private long count;
  private long start;
  private long held;
  private int idleValue;

  /** Mode 4: the tick of a strobe that came before the gate stopped the counting. */
  private long strobeAt = NEVER;

  private boolean readsHigh;
  private boolean countLatched;
  private int latch;
  private boolean statusLatched;
  private int status;

  PitCounter(boolean gate) {
    this.gate = gate;
  }

  /** Control word: everything starts anew, and OUT takes its first level at once. */
  void program(long now, int control) {
    sync(now);
    idleValue = element(now);
    loaded = false;
    runs = false;
    loadAt = NEVER;
    int newMode = (control >>> 1) & 7;
    mode = newMode > 5 ? newMode & 3 : newMode;
    access = (control >>> 4) & 3;
    bcd = (control & 1) != 0;
    hasCount = false;
    nullCount = true;
    writesHigh = false;
    readsHigh = false;
    countLatched = false;
    statusLatched = false;
  }

  /** Counter latch command. A count already latched stays. */
  void latchCount(long now) {
    if (!countLatched) {
      latch = value(now);
      countLatched = true;
    }
  }

  /** The status half of the read-back command. */
  void latchStatus(long now) {
    if (!statusLatched) {
      boolean high = out(now);
      status = (high ? 0x80 : 0) | (nullCount ? 0x40 : 0) | (access << 4) | (mode << 1);
      status |= bcd ? 1 : 0;
      statusLatched = true;
    }
  }

  int read(long now) {
    if (statusLatched) {
      statusLatched = false;
      return status;
    }
    int value = countLatched ? latch : value(now);
    boolean high = access == 2 || (access == 3 && readsHigh);
    readsHigh = access == 3 && !readsHigh;
    if (!readsHigh) {
      countLatched = false;
    }
    return high ? value >>> 8 : value & 0xFF;
  }

  void write(long now, int value) {
    sync(now);
    switch (access) {
      case 1 -> countWritten(now, value);
      case 2 -> countWritten(now, value << 8);
      default -> {
        if (writesHigh) {
          writesHigh = false;
          countWritten(now, (value << 8) | lowByte);
        } else {
          writesHigh = true;
          lowByte = value;
          if (mode == 0) {
            // The first byte stops the counting and sets OUT low.
            idleValue = element(now);
            loaded = false;
            loadAt = NEVER;
          }
        }
      }
    }
  }

  void setGate(long now, boolean high) {
    sync(now);
    if (high == gate) {
      return;
    }
    gate = high;
    switch (mode) {
      case 0, 4 -> {
        if (high) {
          start = now - held;
          runs = loaded;
        } else if (runs) {
          held = now - start;
          runs = false;
          if (held >= count && strobeAt == NEVER) {
            strobeAt = start + count;
          }
        }
      }
      case 1, 5 -> {
        if (high && hasCount) {
          loadAt = now + 1;
        }
      }
      default -> {
        if (high) {
          if (hasCount) {
            loadAt = now + 1;
            loadsLow = false;
          }
        } else if (loaded) {
          held = runs ? now - start : held;
          runs = false;
          loadAt = NEVER;
        }
      }
    }
  }

  /** {@return the OUT pin} */
  boolean out(long now) {
    sync(now);
    if (!loaded) {
      return mode != 0;
    }
    long elapsed = elapsed(now);
    return switch (mode) {
      case 0, 1 -> elapsed >= count;
      case 2 -> !runs || count == 1 || elapsed % count != count - 1;
      case 3 -> !runs || elapsed % count < highHalf(count);
      default -> strobeAt == NEVER ? elapsed != count : now != strobeAt;
    };
  }

  /** {@return the counting element as it reads, in BCD if the guest chose so} */
  int value(long now) {
    sync(now);
    // Unspecified: between the write of a first count and its load we give that count. Guests count
    // on port accesses being slower than the input clock, which they are not here.
    return loaded || loadAt == NEVER ? element(now) : countRegister;
  }

  private int element(long now) {
    if (!loaded) {
      return idleValue;
    }
    long elapsed = elapsed(now);
    long left =
        switch (mode) {
          case 2 -> count - elapsed % count;
          case 3 -> {
            long position = elapsed % count;
            long half = highHalf(count);
            // Counts by two, and an odd count starts one lower.
            yield (count & ~1L) - 2 * (position < half ? position : position - half);
          }
          default -> count - elapsed;
        };
    int modulus = modulus();
    int value = (int) Math.floorMod(left, (long) modulus);
    return bcd ? toBcd(value) : value;
  }

  /** {@return the first tick after {@code now} at which OUT rises by itself, or never} */
  long nextRise(long now) {
    sync(now);
    boolean isPeriodic = mode == 2 || mode == 3;
    long rise = loaded && runs ? rise(now, start, count) : NEVER;
    if (loadAt == NEVER || (isPeriodic && rise <= loadAt)) {
      return rise;
    }
    // A load is under way. It happens with the gate as it is, and starts a sequence of its own.
    boolean willRun = gate || mode == 1 || mode == 5;
    long next = clocks();
    return willRun ? rise(loadAt, loadAt - lead(next), next) : NEVER;
  }

  void save(StateWriter out, String name) {
    out.putLongs(
        name,
        mode,
        access,
        bcd ? 1 : 0,
        gate ? 1 : 0,
        countRegister,
        hasCount ? 1 : 0,
        nullCount ? 1 : 0,
        lowByte,
        writesHigh ? 1 : 0,
        loadAt,
        loadsLow ? 1 : 0,
        loaded ? 1 : 0,
        runs ? 1 : 0,
        count,
        start,
        held,
        idleValue,
        strobeAt,
        readsHigh ? 1 : 0,
        countLatched ? 1 : 0,
        latch,
        statusLatched ? 1 : 0,
        status);
  }

  void restore(StateReader in, String name) {
    long[] saved = in.getLongs(name);
    int i = 0;
    mode = (int) saved[i++];
    access = (int) saved[i++];
    bcd = saved[i++] != 0;
    gate = saved[i++] != 0;
    countRegister = (int) saved[i++];
    hasCount = saved[i++] != 0;
    nullCount = saved[i++] != 0;
    lowByte = (int) saved[i++];
    writesHigh = saved[i++] != 0;
    loadAt = saved[i++];
    loadsLow = saved[i++] != 0;
    loaded = saved[i++] != 0;
    runs = saved[i++] != 0;
    count = saved[i++];
    start = saved[i++];
    held = saved[i++];
    idleValue = (int) saved[i++];
    strobeAt = saved[i++];
    readsHigh = saved[i++] != 0;
    countLatched = saved[i++] != 0;
    latch = (int) saved[i++];
    statusLatched = saved[i++] != 0;
    status = (int) saved[i];
  }

  private void countWritten(long now, int newCount) {
    countRegister = newCount;
    hasCount = true;
    nullCount = true;
    switch (mode) {
      case 0, 4 -> loadAt = now + 1;
      case 1, 5 -> {
        // Waits for a trigger.
      }
      default -> {
        if (!loaded) {
          loadAt = now + 1;
          loadsLow = false;
        } else if (runs) {
          loadAtEndOfCycle(now);
        }
      }
    }
  }

  /** Mode 2: end of the period. Mode 3: end of the half. */
  private void loadAtEndOfCycle(long now) {
    if (loadAt == now + 1) {
      return; // a trigger came first, and it loads whatever the count register holds
    }
    long position = (now - start) % count;
    boolean isHighHalf = mode == 3 && count > 1 && position < highHalf(count);
    loadAt = now - position + (isHighHalf ? highHalf(count) : count);
    loadsLow = isHighHalf;
  }

  private void sync(long now) {
    if (loadAt <= now) {
      count = clocks();
      start = loadAt - lead(count);
      loaded = true;
      nullCount = false;
      runs = gate || mode == 1 || mode == 5;
      held = 0;
      strobeAt = NEVER;
      loadAt = NEVER;
      loadsLow = false;
    }
  }

  /** {@return how far into its cycle a sequence begins that is loaded for the low half} */
  private long lead(long clocks) {
    return mode == 3 && loadsLow && clocks > 1 ? highHalf(clocks) : 0;
  }

  private long rise(long now, long from, long clocks) {
    return switch (mode) {
      case 0, 1 -> now < from + clocks ? from + clocks : NEVER;
      // Unspecified: a count of 1 is illegal in modes 2 and 3; OUT then stays high.
      case 2, 3 -> clocks < 2 ? NEVER : from + ((now - from) / clocks + 1) * clocks;
      default -> now <= from + clocks && strobeAt == NEVER ? from + clocks + 1 : NEVER;
    };
  }

  private long elapsed(long now) {
    return runs ? now - start : held;
  }

  /** {@return the count register in clocks: zero stands for the largest count} */
  private long clocks() {
    int value = countRegister;
    if (bcd) {
      value =
          1000 * ((value >>> 12) & 15)
              + 100 * ((value >>> 8) & 15)
              + 10 * ((value >>> 4) & 15)
              + (value & 15);
    }
    return value == 0 ? modulus() : value;
  }

  private int modulus() {
    return bcd ? 10_000 : 65_536;
  }

  private static long highHalf(long count) {
    return (count + 1) / 2;
  }

  private static int toBcd(int value) {
    return ((value / 1000) << 12)
        | ((value / 100 % 10) << 8)
        | ((value / 10 % 10) << 4)
        | (value % 10);
  }
}
