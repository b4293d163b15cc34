// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.isa.Insn;
import org.junit.jupiter.api.Test;

class BlockCacheTest {
  private final BlockCache cache = new BlockCache();

  private Block add(long gpa, int bytes, long secondPage) {
    Block block = new Block(gpa, 64, new long[2], new Insn[1], 1, bytes, secondPage);
    cache.add(block);
    return block;
  }

  @Test
  void aWriteToTheSecondPageAloneDropsTheInstructionThatCrossesIntoIt() {
    Block crossing = add(0x1FFE, 5, 0x9000);

    cache.invalidate(0x9040, 64);
    assertThat(cache.find(0x1FFE, 64)).isSameAs(crossing);

    cache.invalidate(0x9000, 64);
    assertThat(crossing.valid).isFalse();
    assertThat(cache.find(0x1FFE, 64)).isNull();
  }

  @Test
  void aBlockOfAnotherCodeSizeIsAnother() {
    Block block = add(0x1000, 5, -1);

    assertThat(cache.find(0x1000, 64)).isSameAs(block);
    assertThat(cache.find(0x1000, 32)).isNull();
  }
}
