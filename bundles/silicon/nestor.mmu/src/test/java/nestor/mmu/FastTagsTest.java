// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import nestor.vcpu.FastTable;
import org.junit.jupiter.api.Test;

class FastTagsTest {
  private static final long SEED = 41;
  private static final long TABLE = 7L * FastTable.BYTES;

  @Test
  void noAddressThatLooksAtAnEmptyEntryPassesItsTagByExclusiveOr() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    for (long page = 0; page < FastTable.ENTRIES; page++) {
      for (int n = 0; n < 100; n++) {
        long above = n == 0 ? 0 : random.nextLong() >>> random.nextInt(43) << 21;
        long linear = above | page << 12 | random.nextInt(4096);

        long tag = FastTable.noTag(FastTable.entry(TABLE, linear));

        assertThat(FastTable.isNoTag(tag)).isTrue();
        assertThat(Long.compareUnsigned(linear ^ tag, 4095))
            .describedAs("seed %d: %x", SEED, linear)
            .isPositive();
      }
    }
  }
}
