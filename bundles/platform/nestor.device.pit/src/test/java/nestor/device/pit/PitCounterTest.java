// SPDX-License-Identifier: Apache-2.0
package nestor.device.pit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PitCounterTest {

  @Test
  void agreesTickByTickWithTheDataSheetOnRandomPrograms() {
    for (int seed = 0; seed < 600; seed++) {
      compare(seed);
    }
  }

  @Test
  void foretellsEveryRiseOfItsOutput() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int mode = random.nextInt(6);
      int clocks = 2 + random.nextInt(40);
      PitCounter counter = new PitCounter(true);
      counter.program(0, 0x10 | (mode << 1));
      counter.write(0, clocks);
      if (mode == 1 || mode == 5) {
        counter.setGate(0, false);
        counter.setGate(0, true);
      }
      long foretold = counter.nextRise(0);
      boolean before = counter.out(0);
      for (long now = 1; now < 200; now++) {
        boolean out = counter.out(now);
        if (out && !before) {
          assertThat(now).as("mode %d count %d", mode, clocks).isEqualTo(foretold);
          foretold = counter.nextRise(now);
        }
        before = out;
        if (now == 77 && mode != 1 && mode != 5) {
          clocks = 2 + random.nextInt(20);
          counter.write(now, clocks);
          before = counter.out(now);
          foretold = counter.nextRise(now);
        }
      }
      assertThat(foretold).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void countsTenThousandForZeroInBcd() {
    PitCounter counter = new PitCounter(true);
    counter.program(0, 0x35);
    counter.write(0, 0);
    counter.write(0, 0);

    assertThat(counter.nextRise(0)).isEqualTo(10_001);
    assertThat(counter.value(2)).isEqualTo(0x9999);
  }

  private static void compare(int seed) {
    Random random = new Random(seed);
    boolean gate = random.nextBoolean();
    PitCounter counter = new PitCounter(gate);
    SteppedCounter oracle = new SteppedCounter(gate);
    int access = 0;
    boolean bcd = false;
    boolean secondByte = false;
    int low = 0;
    boolean loadedOnce = false;
    for (long now = 0; now < 1500; now++) {
      int actions = random.nextInt(20) == 0 ? 1 + random.nextInt(3) : 0;
      if (now == 0 || random.nextInt(300) == 0) {
        int mode = random.nextInt(6);
        access = 1 + 2 * random.nextInt(2);
        bcd = random.nextBoolean();
        counter.program(now, (access << 4) | (mode << 1) | (bcd ? 1 : 0));
        oracle.program(mode, bcd);
        secondByte = false;
        loadedOnce = false;
      }
      for (int i = 0; i < actions; i++) {
        if (random.nextInt(3) == 0) {
          gate = random.nextBoolean();
          counter.setGate(now, gate);
          oracle.gate(gate);
        } else if (access == 3 && !secondByte) {
          low = digit(random, 2, 9) | (digit(random, 0, 3) << 4);
          secondByte = true;
          counter.write(now, low);
          oracle.firstByte();
        } else {
          int high = access == 3 ? random.nextInt(2) : 0;
          int byteWritten = access == 3 ? high : digit(random, 2, 9) | (digit(random, 0, 3) << 4);
          int value = access == 3 ? (high << 8) | low : byteWritten;
          secondByte = false;
          counter.write(now, byteWritten);
          oracle.count(bcd ? (value >>> 8) * 100 + (value >>> 4 & 15) * 10 + (value & 15) : value);
        }
      }
      String where = "seed " + seed + " mode " + oracle.mode + " tick " + now;
      assertThat(counter.out(now)).as(where).isEqualTo(oracle.out);
      oracle.clock();
      assertThat(counter.out(now + 1)).as(where).isEqualTo(oracle.out);
      loadedOnce |= !oracle.nullCount;
      if (loadedOnce) {
        int expected = oracle.element & 0xFFFF;
        assertThat(decoded(counter.value(now + 1), bcd)).as(where).isEqualTo(expected);
      }
    }
  }

  private static int digit(Random random, int from, int to) {
    return from + random.nextInt(to - from + 1);
  }

  private static int decoded(int value, boolean bcd) {
    return bcd ? Integer.parseInt(Integer.toHexString(value)) : value;
  }
}
