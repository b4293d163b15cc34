// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import nestor.api.device.Device;
import nestor.api.device.PortDevice;
import nestor.vcpu.PhysicalMemoryControl.Kind;
import nestor.vcpu.PhysicalMemoryControl.Region;

/** The 65,536 I/O ports: for each, the range that answers. */
final class PortSpace {
  private static final int PORTS = 0x1_0000;

  private record Range(String name, PortDevice device, int offset, int port, int count) {}

  private final List<Range> ranges = new ArrayList<>();
  private final Range[] byPort = new Range[PORTS];
  private final KnownRegionTable known;

  PortSpace(KnownRegionTable known) {
    this.known = known;
  }

  int in(int port, int size) {
    Range range = byPort[port & 0xFFFF];
    if (whole(range, port, size)) {
      return cut(range.device.read(range.offset + port - range.port, size), size);
    }
    if (size == 1) {
      known.countPort(port & 0xFFFF);
      return 0xFF;
    }
    if (range == null && nobody(port, size)) {
      known.countPort(port & 0xFFFF);
      return cut(-1, size);
    }
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= in(port + i & 0xFFFF, 1) << 8 * i;
    }
    return value;
  }

  void out(int port, int size, int value) {
    Range range = byPort[port & 0xFFFF];
    if (whole(range, port, size)) {
      range.device.write(range.offset + port - range.port, size, cut(value, size));
    } else if (size == 1 || range == null && nobody(port, size)) {
      known.countPort(port & 0xFFFF);
    } else {
      for (int i = 0; i < size; i++) {
        out(port + i & 0xFFFF, 1, value >>> 8 * i);
      }
    }
  }

  /** Whether one call of the device can serve the access. */
  private static boolean whole(Range range, int port, int size) {
    return range != null
        && port + size <= range.port + range.count
        && (size == 1 || size <= range.device.portWidth());
  }

  private boolean nobody(int port, int size) {
    for (int i = 0; i < size; i++) {
      if (byPort[port + i & 0xFFFF] != null) {
        return false;
      }
    }
    return true;
  }

  private static int cut(int value, int size) {
    return size == 4 ? value : value & (1 << 8 * size) - 1;
  }

  void map(String name, PortDevice device, int offset, int port, int count) {
    if (port < 0 || count <= 0 || port + count > PORTS) {
      throw new IllegalArgumentException(name + ": no such ports: " + port + "+" + count);
    }
    ranges.add(new Range(name, device, offset, port, count));
    rebuild();
  }

  boolean unmap(Device device) {
    boolean changed = ranges.removeIf(range -> range.device == device);
    if (changed) {
      rebuild();
    }
    return changed;
  }

  /** Large ranges first, so that smaller ones end up on top. */
  private void rebuild() {
    ranges.sort(Comparator.comparingInt((Range r) -> r.count).reversed());
    Arrays.fill(byPort, null);
    for (Range range : ranges) {
      for (int port = range.port; port < range.port + range.count; port++) {
        byPort[port] = range;
      }
    }
  }

  void describe(List<Region> result) {
    ranges.stream()
        .sorted(Comparator.comparingInt(Range::port))
        .forEach(r -> result.add(new Region(Kind.PORTS, r.port, r.count, r.name)));
  }
}
