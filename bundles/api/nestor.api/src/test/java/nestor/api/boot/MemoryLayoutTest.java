// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryLayoutTest {
  private static final MemoryRange.Kind RAM = MemoryRange.Kind.RAM;

  @Test
  void putsRamThatDoesNotFitBelowTheHoleAbove4Gibibytes() {
    List<MemoryRange> ranges = MemoryLayout.pc(4L << 30).ranges();

    assertThat(ranges)
        .contains(new MemoryRange(0x10_0000, 0xAFF0_0000L, RAM))
        .endsWith(new MemoryRange(1L << 32, 0x5000_0000, RAM));
  }

  @Test
  void knowsWhatIsRamAcrossRangesThatTouch() {
    MemoryLayout memory =
        new MemoryLayout(
            List.of(new MemoryRange(0x2000, 0x1000, RAM), new MemoryRange(0x1000, 0x1000, RAM)));

    assertThat(memory.isRam(0x1800, 0x1000)).isTrue();
    assertThat(memory.isRam(0x1800, 0x1800)).isTrue();
    assertThat(memory.isRam(0x1800, 0x1801)).isFalse();
    assertThat(memory.isRam(0xFFF, 2)).isFalse();
    assertThat(memory.isRam(0x1800, Long.MAX_VALUE)).isFalse();
  }

  @Test
  void refusesRangesThatOverlapAndOddSizes() {
    List<MemoryRange> overlapping =
        List.of(new MemoryRange(0, 0x2000, RAM), new MemoryRange(0x1000, 0x1000, RAM));

    assertThatThrownBy(() -> new MemoryLayout(overlapping)).hasMessageContaining("overlaps");
    assertThatThrownBy(() -> MemoryLayout.pc(1000)).hasMessageContaining("at least 1 MiB");
  }
}
