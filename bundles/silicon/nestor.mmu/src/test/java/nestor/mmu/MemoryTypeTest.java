// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SDM vol. 3A, "Effective Page-Level Memory Types", and its use under EPT. */
class MemoryTypeTest {

  @ParameterizedTest
  @CsvSource({ // memory | PAT: UC, UC-, WC, WT, WB, WP
    "UC, UC, UC, WC, UC, UC, UC",
    "WC, UC, WC, WC, UC, WC, UC",
    "WT, UC, UC, WC, WT, WT, WP",
    "WP, UC, WC, WC, WT, WP, WP",
    "WB, UC, UC, WC, WT, WB, WP"
  })
  void theTypeOfMemoryAndThePatGiveTheEffectiveType(
      MemoryType memory,
      MemoryType uc,
      MemoryType ucMinus,
      MemoryType wc,
      MemoryType wt,
      MemoryType wb,
      MemoryType wp) {
    assertThat(memory.with(MemoryType.UC)).isEqualTo(uc);
    assertThat(memory.with(MemoryType.UC_MINUS)).isEqualTo(ucMinus);
    assertThat(memory.with(MemoryType.WC)).isEqualTo(wc);
    assertThat(memory.with(MemoryType.WT)).isEqualTo(wt);
    assertThat(memory.with(MemoryType.WB)).isEqualTo(wb);
    assertThat(memory.with(MemoryType.WP)).isEqualTo(wp);
  }

  @Test
  void ignorePatTakesTheTypeOfTheEptEntryAndDisabledCachesNone() {
    long wb = 6 << 3;
    assertThat(MemoryType.throughEpt(wb, MemoryType.UC, false)).isEqualTo(MemoryType.UC);
    assertThat(MemoryType.throughEpt(wb | 0x40, MemoryType.UC, false)).isEqualTo(MemoryType.WB);
    assertThat(MemoryType.throughEpt(wb | 0x40, MemoryType.WB, true)).isEqualTo(MemoryType.UC);
  }

  @Test
  void thePatEntryIsSelectedByThreeBitsOfTheLeaf() {
    long pat = 0x0007_0501_0007_0406L; // entries 4 and 5: WC, WP
    assertThat(MemoryType.byPat(pat, 0, false)).isEqualTo(MemoryType.WB);
    assertThat(MemoryType.byPat(pat, 8, false)).isEqualTo(MemoryType.WT);
    assertThat(MemoryType.byPat(pat, 0x10, false)).isEqualTo(MemoryType.UC_MINUS);
    assertThat(MemoryType.byPat(pat, 0x80, false)).isEqualTo(MemoryType.WC);
    assertThat(MemoryType.byPat(pat, 0x80, true))
        .as("bit 7 says it is large")
        .isEqualTo(MemoryType.WB);
    assertThat(MemoryType.byPat(pat, 0x1088, true)).isEqualTo(MemoryType.WP);
  }
}
