// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodeBlocksTest {
  private final CodeBlocks<Run> blocks = new CodeBlocks<>(480);
  private final List<Run> dropped = new ArrayList<>();

  private static final class Run extends CodeBlock<Run> {
    private final int length;

    Run(long gpa, int length) {
      super(gpa);
      this.length = length;
    }

    @Override
    public int bytes() {
      return length;
    }
  }

  private Run add(long gpa, int bytes, long secondPage) {
    Run block = new Run(gpa, bytes);
    block.secondPage = secondPage;
    blocks.add(block);
    return block;
  }

  private boolean holds(Run block) {
    for (Run b = blocks.startingNear(block.gpa); b != null; b = b.next) {
      if (b == block) {
        return true;
      }
    }
    return false;
  }

  @Test
  void theLongestBlockIsFoundByAWriteToItsLastByte() {
    Run longest = add(0x1000, 480, -1);

    blocks.invalidate(0x11C0, 64, dropped::add);

    assertThat(dropped).containsExactly(longest);
    assertThat(holds(longest)).isFalse();
    assertThat(blocks.live()).isZero();
  }

  @Test
  void aWriteToTheSecondPageAloneDropsOnlyWhatCrossesIntoThatPage() {
    Run crossing = add(0x1FFE, 5, 0x9000);
    Run neighbour = add(0x1FF0, 4, -1);
    Run elsewhere = add(0x1FFD, 5, 0xA000);
    Run within = add(0x9080, 5, -1);

    blocks.invalidate(0x9000, 64, dropped::add);

    assertThat(dropped).containsExactly(crossing);
    assertThat(crossing.valid).isFalse();
    assertThat(List.of(neighbour, elsewhere, within)).allMatch(b -> b.valid && holds(b));
    assertThat(holds(crossing)).isFalse();
  }

  @Test
  void aCrossingBlockGoesOnceWhicheverPageIsWrittenFirst() {
    add(0x1FFE, 5, 0x9000);

    blocks.invalidate(0x1FC0, 64, dropped::add);
    blocks.invalidate(0x9000, 64, dropped::add);
    Run again = add(0x1FFE, 5, 0x9000);
    blocks.invalidate(0x9000, 64, dropped::add);

    assertThat(dropped).hasSize(2).endsWith(again);
    assertThat(blocks.live()).isZero();
  }

  @Test
  void aWriteAcrossPagesDropsInBoth() {
    Run first = add(0x1FE0, 4, -1);
    Run second = add(0x2010, 4, -1);
    Run crossing = add(0x8FFF, 3, 0x2000);

    blocks.invalidate(0x1FC0, 128, dropped::add);

    assertThat(dropped).containsExactlyInAnyOrder(first, second, crossing);
  }

  @Test
  void clearedBlocksAreInvalid() {
    List<Run> all = new ArrayList<>();
    for (int n = 0; n < 10_000; n++) {
      all.add(add(n * 0x1000L, 4, n == 0 ? 0x5000 : -1));
    }
    assertThat(all).allMatch(this::holds);

    blocks.clear();

    assertThat(all).noneMatch(b -> b.valid || holds(b));
    assertThat(blocks.live()).isZero();
  }
}
