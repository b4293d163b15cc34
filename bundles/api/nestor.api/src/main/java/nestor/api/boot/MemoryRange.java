// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

/** A range of guest-physical memory and what a kernel may do with it. */
public record MemoryRange(long base, long length, Kind kind) {

  /** What lies in a range. The types are those of the BIOS call E820h, as in ACPI, "INT 15H". */
  public enum Kind {
    RAM(1),
    RESERVED(2),
    ACPI(3),
    NVS(4);

    private final int type;

    Kind(int type) {
      this.type = type;
    }

    /** {@return the number that stands for it in memory maps} */
    public int type() {
      return type;
    }
  }

  public MemoryRange {
    if (base < 0 || length <= 0 || base + length < 0) {
      throw new IllegalArgumentException("no memory range: base " + base + " length " + length);
    }
  }

  /** {@return the address after the last byte} */
  public long end() {
    return base + length;
  }
}
