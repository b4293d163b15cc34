// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Matches found by division, compared with a comparator that is looked at on every tick. */
class HpetComparatorTest {

  @Test
  void agreesWithAComparatorThatIsSteppedTickByTick() {
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      boolean periodic = random.nextBoolean();
      boolean narrow = random.nextBoolean();
      long mask = narrow ? 0xFFFF_FFFFL : -1;
      long start = random.nextLong() | (random.nextInt(4) == 0 ? mask - 500 : 0);
      long first = (start + 1 + random.nextInt(300)) & mask;
      long period = 1L + random.nextInt(60);
      HpetComparator comparator = new HpetComparator(0, false);
      comparator.jump(start);
      comparator.configure((periodic ? 0x48 : 0) | (narrow ? 0x100 : 0));
      comparator.compareWith(first, -1);
      if (periodic) {
        comparator.compareWith(period, -1);
      }

      long expected = first;
      long counter = start;
      while (counter - start < 1500) {
        long steps = 1L + random.nextInt(200);
        boolean matches = false;
        for (long i = 0; i < steps; i++) {
          counter++;
          if ((counter & mask) == expected) {
            matches = true;
            expected = periodic ? (expected + period) & mask : expected;
          }
        }
        assertThat(comparator.advance(counter)).as("seed %d", seed).isEqualTo(matches);
        assertThat(comparator.comparator()).as("seed %d", seed).isEqualTo(expected);
        if (periodic) {
          assertThat(comparator.distance()).isEqualTo((expected - counter) & mask);
        }
      }
    }
  }
}
