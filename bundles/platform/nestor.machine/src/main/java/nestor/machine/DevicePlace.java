// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a device sits, as its service properties say.
 *
 * @param irq ISA interrupt line, or -1
 * @param overlay whether it may answer in place of another inside whose range it lies
 */
record DevicePlace(List<Range> ports, List<Range> mmio, int irq, boolean overlay) {

  /** A range, and what the device calls its first byte. */
  record Range(long base, long length, long offset) {
    private boolean overlaps(Range other) {
      return base < other.base + other.length && other.base < base + length;
    }

    private boolean isInside(Range other) {
      return base >= other.base
          && base + length <= other.base + other.length
          && length < other.length;
    }
  }

  static DevicePlace of(Map<String, Object> properties) {
    Object irq = properties.get("nestor.irq");
    return new DevicePlace(
        ranges(properties.get("nestor.ports"), 0x1_0000),
        ranges(properties.get("nestor.mmio"), Long.MAX_VALUE),
        irq == null ? -1 : Integer.parseInt(irq.toString()),
        "true".equals(String.valueOf(properties.get("nestor.overlay"))));
  }

  private static List<Range> ranges(Object property, long end) {
    List<Range> ranges = new ArrayList<>();
    String text = property == null ? "" : property.toString().strip();
    long offset = 0;
    for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
      String[] numbers = part.strip().split("\\+");
      if (numbers.length != 2) {
        throw new IllegalArgumentException(
            "a range is written BASE+LENGTH, such as 0x3F8+8, not \"" + part + "\"");
      }
      long base = Long.decode(numbers[0].strip());
      long length = Long.decode(numbers[1].strip());
      if (base < 0 || length <= 0 || base > end - length) {
        throw new IllegalArgumentException("no such range: " + part.strip());
      }
      ranges.add(new Range(base, length, offset));
      offset += length;
    }
    return ranges;
  }

  /** {@return what is in the way of both being there, or null} */
  String clash(DevicePlace other) {
    String port = clash(ports, other.ports, overlay, other.overlay, "port");
    return port != null ? port : clash(mmio, other.mmio, overlay, other.overlay, "address");
  }

  private static String clash(
      List<Range> mine, List<Range> others, boolean overMine, boolean overOthers, String what) {
    for (Range a : mine) {
      for (Range b : others) {
        boolean laidOver = (overMine && a.isInside(b)) || (overOthers && b.isInside(a));
        if (a.overlaps(b) && !laidOver) {
          return what + " " + hex(Math.max(a.base, b.base));
        }
      }
    }
    return null;
  }

  static String text(List<Range> ranges) {
    StringBuilder text = new StringBuilder();
    for (Range range : ranges) {
      text.append(text.isEmpty() ? "" : ", ").append(hex(range.base));
      if (range.length > 1) {
        text.append('-').append(hex(range.base + range.length - 1));
      }
    }
    return text.toString();
  }

  private static String hex(long value) {
    return Long.toHexString(value).toUpperCase(Locale.ROOT) + "h";
  }
}
