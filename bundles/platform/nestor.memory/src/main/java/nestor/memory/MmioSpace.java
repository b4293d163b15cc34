// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import nestor.api.device.Device;
import nestor.api.device.MmioDevice;
import nestor.vcpu.PhysicalMemoryControl.Kind;
import nestor.vcpu.PhysicalMemoryControl.Region;

/** The windows of devices in guest-physical memory. */
final class MmioSpace {
  private record Window(String name, MmioDevice device, long offset, long gpa, long length) {
    boolean contains(long address) {
      return address >= gpa && address - gpa < length;
    }
  }

  // Smallest first, so that the first match is the one that answers.
  private final List<Window> windows = new ArrayList<>();
  private Window[] table = {};
  private Window last;
  private final KnownRegionTable known;

  MmioSpace(KnownRegionTable known) {
    this.known = known;
  }

  long load(long gpa, int size) {
    Window window = find(gpa);
    if (isWhole(window, gpa, size)) {
      return cut(window.device.load(window.offset + gpa - window.gpa, size), size);
    }
    if (size == 1 || window == null && find(gpa + size - 1) == null) {
      known.countMemory(gpa);
      return cut(-1, size);
    }
    long value = 0;
    for (int done = 0; done < size; ) {
      int piece = piece(gpa + done, size - done, size);
      value |= load(gpa + done, piece) << 8 * done;
      done += piece;
    }
    return value;
  }

  void store(long gpa, int size, long value) {
    Window window = find(gpa);
    if (isWhole(window, gpa, size)) {
      window.device.store(window.offset + gpa - window.gpa, size, cut(value, size));
    } else if (size == 1 || window == null && find(gpa + size - 1) == null) {
      known.countMemory(gpa);
    } else {
      for (int done = 0; done < size; ) {
        int piece = piece(gpa + done, size - done, size);
        store(gpa + done, piece, value >>> 8 * done);
        done += piece;
      }
    }
  }

  private static boolean isWhole(Window window, long gpa, int size) {
    return window != null && (gpa & size - 1) == 0 && window.contains(gpa + size - 1);
  }

  /** The largest aligned piece of what is left, but less than the access as a whole. */
  private static int piece(long gpa, int left, int size) {
    int piece = (int) Math.min(Integer.highestOneBit(left), Long.lowestOneBit(gpa | 8));
    return piece == size ? size >> 1 : piece;
  }

  private static long cut(long value, int size) {
    return size == 8 ? value : value & (1L << 8 * size) - 1;
  }

  private Window find(long gpa) {
    Window recent = last;
    if (recent != null && recent.contains(gpa)) {
      return recent;
    }
    for (Window window : table) {
      if (window.contains(gpa)) {
        last = isAlone(window) ? window : null;
        return window;
      }
    }
    return null;
  }

  /** Only a window that is alone may be remembered: a smaller one inside it would be missed. */
  private boolean isAlone(Window window) {
    int overlapping = 0;
    for (Window other : table) {
      if (other.gpa < window.gpa + window.length && window.gpa < other.gpa + other.length) {
        overlapping++;
      }
    }
    return overlapping == 1;
  }

  void map(String name, MmioDevice device, long offset, long gpa, long length) {
    if (gpa < 0 || length <= 0 || gpa + length < 0) {
      throw new IllegalArgumentException(name + ": no such addresses");
    }
    windows.add(new Window(name, device, offset, gpa, length));
    rebuild();
  }

  boolean unmap(Device device) {
    boolean changed = windows.removeIf(window -> window.device == device);
    if (changed) {
      rebuild();
    }
    return changed;
  }

  private void rebuild() {
    windows.sort(Comparator.comparingLong(Window::length));
    table = windows.toArray(Window[]::new);
    last = null;
  }

  void describe(List<Region> result) {
    windows.stream()
        .sorted(Comparator.comparingLong(Window::gpa))
        .forEach(w -> result.add(new Region(Kind.MMIO, w.gpa, w.length, w.name)));
  }
}
