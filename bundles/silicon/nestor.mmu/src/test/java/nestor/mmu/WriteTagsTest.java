// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriteTagsTest {
  private static final long FAR = 1L << 36;

  private final WriteTags tags = new WriteTags();

  @Test
  void aPageIsNowhereThenAtOnePlaceThenAtSeveral() {
    assertThat(tags.take(0x5000)).isEqualTo(WriteTags.NOWHERE);
    tags.note(0x5000, 0);
    tags.note(0x5000, 0);
    tags.note(0x6000, 0x7000);
    tags.note(FAR, 0xFFFF_8000_0000_1000L);
    tags.note(FAR, 0x1000);

    assertThat(tags.take(0x5000)).isEqualTo(1);
    assertThat(tags.take(0x6000)).isEqualTo(0x7001);
    assertThat(tags.take(FAR)).isEqualTo(WriteTags.SEVERAL);
  }

  @Test
  void whatWasTakenOrClearedIsForgotten() {
    tags.note(0x5000, 0x1000);
    tags.note(0x6000, 0x1000);

    assertThat(tags.take(0x5000)).isNotEqualTo(WriteTags.NOWHERE);
    assertThat(tags.take(0x5000)).isEqualTo(WriteTags.NOWHERE);
    tags.clear();
    assertThat(tags.take(0x6000)).isEqualTo(WriteTags.NOWHERE);
  }
}
