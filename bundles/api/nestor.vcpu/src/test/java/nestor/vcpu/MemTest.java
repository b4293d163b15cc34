// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** The accesses of {@link Mem}, whichever way they go, against a memory segment. */
class MemTest {
  private static final long PATTERN = 0x8182_8384_8586_8788L;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Test
  void readsWhatASegmentHoldsAtAnyAlignmentAndSignExtends() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(32, 8);
      for (long offset = 0; offset < 8; offset++) {
        segment.set(LONG, offset, PATTERN);
        long address = segment.address() + offset;

        assertThat(Mem.getLong(address)).isEqualTo(PATTERN);
        assertThat(Mem.getInt(address)).isEqualTo((int) PATTERN);
        assertThat(Mem.getShort(address)).isEqualTo((short) PATTERN);
        assertThat(Mem.getByte(address)).isEqualTo((byte) PATTERN);
        assertThat(Mem.get(address, 4)).isEqualTo(PATTERN & 0xFFFF_FFFFL);
      }
    }
  }

  @Test
  void writesAsManyBytesAsItSaysAndNoOthers() {
    for (int size : new int[] {1, 2, 4, 8}) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = arena.allocate(32, 8);
        Mem.put(segment.address() + 3, size, PATTERN);

        long low = size == 8 ? PATTERN : PATTERN & (1L << 8 * size) - 1;
        assertThat(segment.get(LONG, 3)).isEqualTo(low);
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 2)).isZero();
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 3 + size)).isZero();
      }
    }
  }
}
