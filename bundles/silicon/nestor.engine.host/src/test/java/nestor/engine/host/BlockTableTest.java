// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockTableTest {
  private final BlockTable table = new BlockTable();
  private final List<HostBlock> dropped = new ArrayList<>();

  private HostBlock add(long gpa, long rip, int bytes) {
    HostBlock block = new HostBlock(table.nextIndex(), gpa, rip, 64, 1);
    block.ends = new short[] {(short) bytes};
    table.add(block);
    return block;
  }

  @Test
  void findsABlockByBothAddressesAndMode() {
    HostBlock block = add(0x1040, 0x7040, 10);

    assertThat(table.find(0x1040, 0x7040, 64)).isSameAs(block);
    assertThat(table.find(0x1040, 0x8040, 64)).isNull();
    assertThat(table.find(0x2040, 0x7040, 64)).isNull();
    assertThat(table.find(0x1040, 0x7040, 32)).isNull();
    assertThat(table.get(block.index)).isSameAs(block);
  }

  @Test
  void aWriteDropsWhatOverlapsItsGranule() {
    HostBlock before = add(0x1000, 0x1000, 0x40);
    HostBlock reaching = add(0x1030, 0x1030, 0x20);
    HostBlock inside = add(0x1050, 0x1050, 4);
    HostBlock after = add(0x1080, 0x1080, 4);

    table.invalidate(0x1040, 64, dropped::add);

    assertThat(dropped).containsExactlyInAnyOrder(reaching, inside);
    assertThat(table.find(0x1050, 0x1050, 64)).isNull();
    assertThat(table.find(0x1000, 0x1000, 64)).isSameAs(before);
    assertThat(table.find(0x1080, 0x1080, 64)).isSameAs(after);
    assertThat(table.live()).isEqualTo(2);
  }

  @Test
  void aWriteToTheSecondPageDropsTheInstructionThatCrossesIntoIt() {
    HostBlock crossing = new HostBlock(table.nextIndex(), 0x1FFE, 0x1FFE, 64, 1);
    crossing.ends = new short[] {5};
    crossing.secondPage = 0x9000;
    table.add(crossing);

    table.invalidate(0x9040, 64, dropped::add);
    assertThat(dropped).isEmpty();

    table.invalidate(0x9000, 64, dropped::add);
    assertThat(dropped).containsExactly(crossing);
    assertThat(table.find(0x1FFE, 0x1FFE, 64)).isNull();
  }

  @Test
  void thousandsOfPagesAreKeptApart() {
    List<HostBlock> blocks = new ArrayList<>();
    for (int n = 0; n < 10_000; n++) {
      blocks.add(add(n * 0x1000L, n * 0x1000L + 0x10_0000, 4));
    }

    assertThat(blocks).allMatch(b -> table.find(b.gpa, b.rip, 64) == b);
    table.clear();
    assertThat(blocks).noneMatch(b -> b.valid);
  }
}
