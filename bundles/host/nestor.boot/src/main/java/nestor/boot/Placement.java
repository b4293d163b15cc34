// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import nestor.api.boot.BootException;
import nestor.api.boot.LoadSegment;
import nestor.api.boot.MemoryLayout;
import nestor.api.boot.MemoryRange;

/** The segments of a plan under construction: keeps them inside RAM and apart from each other. */
final class Placement {
  /** What 32-bit code and the start page tables reach. */
  static final long FOUR_GIBIBYTES = 0x1_0000_0000L;

  /** Kernels put their first stacks and start-up code into page 0 and the next ones. */
  private static final long LOWEST_FREE = 0x1000;

  private static final long PAGE = 0x1000;

  private final String file;
  private final MemoryLayout memory;
  private final List<LoadSegment> segments = new ArrayList<>();
  private final List<LoadSegment> kept = new ArrayList<>();

  Placement(String file, MemoryLayout memory) {
    this.file = file;
    this.memory = memory;
  }

  /** Puts bytes at a fixed address. */
  void put(LoadSegment segment) throws BootException {
    check(segment);
    segments.add(segment);
  }

  void put(String what, long gpa, byte[] data) throws BootException {
    put(new LoadSegment(what, gpa, data));
  }

  /** Keeps memory free for the kernel's own use, without writing there. */
  void keepFree(String what, long gpa, long length) throws BootException {
    LoadSegment area = new LoadSegment(what, gpa, MemorySegment.NULL, length);
    check(area);
    kept.add(area);
  }

  private void check(LoadSegment segment) throws BootException {
    if (!memory.isRam(segment.gpa(), segment.length())) {
      throw new BootException(
          "%s: %s needs memory from 0x%X to 0x%X but the machine has no RAM there (%s); %s."
              .formatted(
                  file,
                  segment.what(),
                  segment.gpa(),
                  segment.endGpa(),
                  ramText(),
                  "give the machine more memory or take a smaller file"));
    }
    for (LoadSegment other : segments) {
      if (overlap(segment, other)) {
        throw new BootException(
            "%s: %s at 0x%X to 0x%X overlaps %s at 0x%X to 0x%X; link or place one elsewhere."
                .formatted(
                    file,
                    segment.what(),
                    segment.gpa(),
                    segment.endGpa(),
                    other.what(),
                    other.gpa(),
                    other.endGpa()));
      }
    }
  }

  private static boolean overlap(LoadSegment a, LoadSegment b) {
    return a.gpa() < b.endGpa() && b.gpa() < a.endGpa();
  }

  /**
   * {@return the highest free RAM of this size whose end is at most {@code limit}, page aligned}
   */
  OptionalLong highest(long length, long limit) {
    List<MemoryRange> ranges = memory.ranges();
    for (int i = ranges.size() - 1; i >= 0; i--) {
      MemoryRange range = ranges.get(i);
      if (range.kind() != MemoryRange.Kind.RAM) {
        continue;
      }
      long gpa = (Math.min(range.end(), limit) - length) & -PAGE;
      while (gpa >= Math.max(range.base(), LOWEST_FREE)) {
        LoadSegment hit = hit(gpa, length);
        if (hit == null) {
          return OptionalLong.of(gpa);
        }
        gpa = (hit.gpa() - length) & -PAGE;
      }
    }
    return OptionalLong.empty();
  }

  /** {@return the lowest free RAM of this size from {@code floor} up, below 4 GiB} */
  OptionalLong lowest(long length, long floor, long alignment) {
    for (MemoryRange range : memory.ranges()) {
      if (range.kind() != MemoryRange.Kind.RAM) {
        continue;
      }
      long gpa = up(Math.max(Math.max(range.base(), floor), LOWEST_FREE), alignment);
      while (gpa + length <= Math.min(range.end(), FOUR_GIBIBYTES)) {
        LoadSegment hit = hit(gpa, length);
        if (hit == null) {
          return OptionalLong.of(gpa);
        }
        gpa = up(hit.endGpa(), alignment);
      }
    }
    return OptionalLong.empty();
  }

  private static long up(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  private LoadSegment hit(long gpa, long length) {
    LoadSegment wanted = new LoadSegment("", gpa, MemorySegment.NULL, length);
    for (LoadSegment other : segments) {
      if (overlap(wanted, other)) {
        return other;
      }
    }
    for (LoadSegment other : kept) {
      if (overlap(wanted, other)) {
        return other;
      }
    }
    return null;
  }

  /** {@return whether nothing lies there yet} */
  boolean isFree(long gpa, long length) {
    return hit(gpa, length) == null;
  }

  /** {@return the end of the highest segment so far} */
  long end() {
    return segments.stream().mapToLong(LoadSegment::endGpa).max().orElse(0);
  }

  MemoryLayout memory() {
    return memory;
  }

  /** {@return the size of RAM below 4 GiB in words} */
  String ramText() {
    long end =
        memory.ranges().stream()
            .filter(range -> range.kind() == MemoryRange.Kind.RAM)
            .mapToLong(MemoryRange::end)
            .filter(top -> top <= FOUR_GIBIBYTES)
            .max()
            .orElse(0);
    return "RAM below 4 GiB ends at 0x%X".formatted(end);
  }

  List<LoadSegment> segments() {
    List<LoadSegment> sorted = new ArrayList<>(segments);
    sorted.sort(Comparator.comparingLong(LoadSegment::gpa));
    return sorted;
  }
}
