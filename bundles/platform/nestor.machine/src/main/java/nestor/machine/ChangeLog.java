// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.SortedMap;
import java.util.TreeMap;
import nestor.api.machine.Changes;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl;

/** Tells what has changed in a machine from one time to the next. On the machine's thread. */
final class ChangeLog {
  private static final int PAGE = 4096;
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private final Pc pc;
  private boolean isKept;

  ChangeLog(Pc pc) {
    this.pc = pc;
  }

  /** {@return what has changed since the last call} */
  Changes take() {
    SortedMap<Long, Long> pages = new TreeMap<>();
    long base = pc.memory.ramBase();
    if (isKept) {
      pc.memory.drainDirtyLog(gpa -> pages.put(gpa, hash(base + gpa)));
    } else {
      pc.memory.startDirtyLog();
      isKept = true;
      all(base, pages);
    }
    return new Changes(pc.clock.ticks(), pc.clock.retired(), Digest.ofState(pc), pages);
  }

  private void all(long base, SortedMap<Long, Long> pages) {
    for (PhysicalMemoryControl.Region region : pc.memory.regions()) {
      if (region.kind() == PhysicalMemoryControl.Kind.RAM) {
        for (long gpa = region.base(); gpa < region.base() + region.length(); gpa += PAGE) {
          long hash = hash(base + gpa);
          if (hash != 0) {
            pages.put(gpa, hash);
          }
        }
      }
    }
  }

  /** {@return a hash of a page that is 0 for a page of zeros} */
  private static long hash(long host) {
    long hash = 0;
    for (int i = 0; i < PAGE; i += 8) {
      hash = (hash ^ Mem.getLong(host + i)) * MULTIPLIER;
      hash ^= hash >>> 29;
    }
    return hash;
  }
}
