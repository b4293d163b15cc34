// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import static nestor.api.boot.MemoryRange.Kind.RAM;
import static nestor.api.boot.MemoryRange.Kind.RESERVED;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A guest's memory map.
 *
 * @param ranges in ascending order, none overlapping; what no range holds is not memory
 */
public record MemoryLayout(List<MemoryRange> ranges) {

  /** Where RAM below 4 GiB ends at the latest; PCI memory windows start here. */
  public static final long LOW_RAM_END = 0xB000_0000L;

  /** Memory-mapped PCI configuration space (ECAM). */
  public static final long ECAM_BASE = 0xE000_0000L;

  /** Bytes of ECAM: 256 buses. */
  public static final long ECAM_LENGTH = 0x1000_0000L;

  private static final long EXTENDED_BIOS_DATA = 0x9_FC00;
  private static final long VIDEO_MEMORY = 0xA_0000;
  private static final long BIOS_AREA = 0xE_0000;
  private static final long ONE_MEBIBYTE = 0x10_0000;
  private static final long FOUR_GIBIBYTES = 0x1_0000_0000L;

  public MemoryLayout {
    List<MemoryRange> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingLong(MemoryRange::base));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i - 1).end() > sorted.get(i).base()) {
        throw new IllegalArgumentException(sorted.get(i - 1) + " overlaps " + sorted.get(i));
      }
    }
    ranges = List.copyOf(sorted);
  }

  /**
   * {@return the map of a PC} RAM stands from 0 to {@link #LOW_RAM_END} and, what is left, from 4
   * GiB up. The BIOS area E0000h to FFFFFh is RAM too but kept for firmware tables.
   *
   * @param ramBytes size of RAM, at least 1 MiB and a whole number of pages
   */
  public static MemoryLayout pc(long ramBytes) {
    if (ramBytes < ONE_MEBIBYTE || (ramBytes & 0xFFF) != 0) {
      throw new IllegalArgumentException(
          "RAM must be at least 1 MiB and whole pages of 4 KiB: " + ramBytes);
    }
    List<MemoryRange> ranges = new ArrayList<>();
    ranges.add(new MemoryRange(0, EXTENDED_BIOS_DATA, RAM));
    ranges.add(new MemoryRange(EXTENDED_BIOS_DATA, VIDEO_MEMORY - EXTENDED_BIOS_DATA, RESERVED));
    ranges.add(new MemoryRange(BIOS_AREA, ONE_MEBIBYTE - BIOS_AREA, RESERVED));
    long lowEnd = Math.min(ramBytes, LOW_RAM_END);
    if (lowEnd > ONE_MEBIBYTE) {
      ranges.add(new MemoryRange(ONE_MEBIBYTE, lowEnd - ONE_MEBIBYTE, RAM));
    }
    ranges.add(new MemoryRange(ECAM_BASE, ECAM_LENGTH, RESERVED));
    if (ramBytes > lowEnd) {
      ranges.add(new MemoryRange(FOUR_GIBIBYTES, ramBytes - lowEnd, RAM));
    }
    return new MemoryLayout(ranges);
  }

  /** {@return whether one range of RAM, or several that touch, hold all these bytes} */
  public boolean isRam(long gpa, long length) {
    long next = gpa;
    for (MemoryRange range : ranges) {
      if (range.kind() == RAM && range.base() <= next && next < range.end()) {
        next = range.end();
      }
    }
    return gpa >= 0 && length >= 0 && gpa + length >= gpa && gpa + length <= next;
  }
}
