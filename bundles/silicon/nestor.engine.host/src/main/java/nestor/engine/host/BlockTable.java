// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * All blocks of one vCPU: by number for exits, and by address, with a direct-mapped front.
 *
 * <p>Pages hang in an open hash; in a page, blocks hang in lists by the 64-byte granule they start
 * in, so that a write finds what it overlaps. Blocks whose one instruction crosses into another
 * page stand in a list of their own too.
 */
final class BlockTable {
  private static final int FRONT = 1 << 15;
  private static final int GRANULE_SHIFT = 6;

  /** Granules that a block can reach back over. */
  private static final int REACH = (HostBlock.MAX * 15 >> GRANULE_SHIFT) + 1;

  private final HostBlock[] front = new HostBlock[FRONT];
  private HostBlock[] all = new HostBlock[1 << 12];
  private int count;
  private long[] keys = new long[1 << 12];
  private HostBlock[][] pages = new HostBlock[keys.length][];
  private int used;
  private HostBlock[] crossing = new HostBlock[16];
  private int crossings;

  /** Blocks that are valid. */
  long live;

  /** {@return the number of the next block} */
  int nextIndex() {
    return count;
  }

  HostBlock get(int index) {
    return all[index];
  }

  /** {@return whether numbers are used up} */
  boolean isFull() {
    return count >= 1 << 31 - HostBlock.EXIT_BITS - 1;
  }

  private static int frontSlot(long rip) {
    return (int) (rip ^ rip >>> 15) & (FRONT - 1);
  }

  /** {@return the block at an address, or null} */
  HostBlock find(long gpa, long rip, int mode) {
    int slot = frontSlot(rip);
    HostBlock b = front[slot];
    if (b != null && b.rip == rip && b.gpa == gpa && b.mode == mode && b.valid) {
      return b;
    }
    HostBlock[] page = pages[slotOf(gpa >>> 12)];
    if (page == null) {
      return null;
    }
    for (b = page[granule(gpa)]; b != null; b = b.next) {
      if (b.gpa == gpa && b.rip == rip && b.mode == mode) {
        front[slot] = b;
        return b;
      }
    }
    return null;
  }

  private static int granule(long gpa) {
    return (int) (gpa >>> GRANULE_SHIFT) & 63;
  }

  private int slotOf(long page) {
    int slot = (int) (page * 0x9E3779B97F4A7C15L >>> 40) & (keys.length - 1);
    while (pages[slot] != null && keys[slot] != page) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  void add(HostBlock block) {
    if (count == all.length) {
      all = Arrays.copyOf(all, 2 * count);
    }
    all[count++] = block;
    long page = block.gpa >>> 12;
    int slot = slotOf(page);
    if (pages[slot] == null) {
      if (used * 2 > keys.length) {
        grow();
        slot = slotOf(page);
      }
      keys[slot] = page;
      pages[slot] = new HostBlock[64];
      used++;
    }
    int granule = granule(block.gpa);
    block.next = pages[slot][granule];
    pages[slot][granule] = block;
    front[frontSlot(block.rip)] = block;
    live++;
    if (block.secondPage >= 0) {
      if (crossings == crossing.length) {
        crossing = Arrays.copyOf(crossing, 2 * crossings);
      }
      crossing[crossings++] = block;
    }
  }

  private void grow() {
    long[] oldKeys = keys;
    HostBlock[][] oldPages = pages;
    keys = new long[oldKeys.length * 2];
    pages = new HostBlock[keys.length][];
    for (int n = 0; n < oldKeys.length; n++) {
      if (oldPages[n] != null) {
        int slot = slotOf(oldKeys[n]);
        keys[slot] = oldKeys[n];
        pages[slot] = oldPages[n];
      }
    }
  }

  /** Takes out the blocks that touch the granules of a written range. */
  void invalidate(long gpa, int length, Consumer<HostBlock> dropped) {
    long end = gpa + length;
    for (long page = gpa >>> 12; page <= (end - 1) >>> 12; page++) {
      HostBlock[] lists = pages[slotOf(page)];
      if (lists == null) {
        continue;
      }
      long from = Math.max(gpa, page << 12);
      long to = Math.min(end, (page + 1) << 12);
      int first = Math.max(0, granule(from) - REACH);
      int last = granule(to - 1);
      long low = from >>> GRANULE_SHIFT << GRANULE_SHIFT;
      for (int g = first; g <= last; g++) {
        HostBlock kept = null;
        for (HostBlock b = lists[g], next; b != null; b = next) {
          next = b.next;
          if (b.gpa + b.bytes() > low) {
            drop(b, dropped);
          } else {
            b.next = kept;
            kept = b;
          }
        }
        lists[g] = kept;
      }
    }
    invalidateCrossing(gpa, end, dropped);
  }

  private void invalidateCrossing(long gpa, long end, Consumer<HostBlock> dropped) {
    int kept = 0;
    for (int n = 0; n < crossings; n++) {
      HostBlock b = crossing[n];
      if (b.valid && b.secondPage < end && b.secondPage + 64 > gpa) {
        remove(b);
        drop(b, dropped);
      }
      if (b.valid) {
        crossing[kept++] = b;
      }
    }
    Arrays.fill(crossing, kept, crossings, null);
    crossings = kept;
  }

  private void remove(HostBlock block) {
    HostBlock[] lists = pages[slotOf(block.gpa >>> 12)];
    int granule = granule(block.gpa);
    HostBlock kept = null;
    for (HostBlock b = lists[granule], next; b != null; b = next) {
      next = b.next;
      if (b != block) {
        b.next = kept;
        kept = b;
      }
    }
    lists[granule] = kept;
  }

  private void drop(HostBlock block, Consumer<HostBlock> dropped) {
    block.valid = false;
    live--;
    dropped.accept(block);
  }

  /** Drops everything. */
  void clear() {
    for (int n = 0; n < count; n++) {
      all[n].valid = false;
    }
    Arrays.fill(all, 0, count, null);
    Arrays.fill(front, null);
    Arrays.fill(pages, null);
    Arrays.fill(crossing, null);
    count = 0;
    used = 0;
    crossings = 0;
    live = 0;
  }
}
