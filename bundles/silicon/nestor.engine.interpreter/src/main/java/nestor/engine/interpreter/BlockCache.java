// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import java.util.Arrays;

/**
 * All decoded blocks of one vCPU, by physical address, with a direct-mapped front.
 *
 * <p>Pages hang in an open hash; in a page, blocks hang in lists by the 64-byte granule they start
 * in, so that a write finds what it overlaps.
 */
final class BlockCache {
  private static final int FRONT = 1 << 15;
  private static final int GRANULE_SHIFT = 6;

  /** Granules that a block can reach back over: 32 instructions of 15 bytes. */
  private static final int REACH = (Block.MAX * 15 >> GRANULE_SHIFT) + 1;

  private final Block[] front = new Block[FRONT];
  private long[] keys = new long[1 << 12];
  private Block[][] pages = new Block[keys.length][];
  private int used;

  long blocks;

  private static int frontSlot(long gpa) {
    return (int) (gpa ^ gpa >>> 15) & (FRONT - 1);
  }

  /** {@return the block at an address, or null} */
  Block find(long gpa, int mode) {
    int slot = frontSlot(gpa);
    Block b = front[slot];
    if (b != null && b.gpa == gpa && b.mode == mode && b.valid) {
      return b;
    }
    Block[] page = pages[slotOf(gpa >>> 12)];
    if (page == null) {
      return null;
    }
    for (b = page[granule(gpa)]; b != null; b = b.next) {
      if (b.gpa == gpa && b.mode == mode) {
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

  void add(Block block) {
    long page = block.gpa >>> 12;
    int slot = slotOf(page);
    if (pages[slot] == null) {
      if (used * 2 > keys.length) {
        grow();
        slot = slotOf(page);
      }
      keys[slot] = page;
      pages[slot] = new Block[64];
      used++;
    }
    int granule = granule(block.gpa);
    block.next = pages[slot][granule];
    pages[slot][granule] = block;
    front[frontSlot(block.gpa)] = block;
    blocks++;
  }

  private void grow() {
    long[] oldKeys = keys;
    Block[][] oldPages = pages;
    keys = new long[oldKeys.length * 2];
    pages = new Block[keys.length][];
    for (int n = 0; n < oldKeys.length; n++) {
      if (oldPages[n] != null) {
        int slot = slotOf(oldKeys[n]);
        keys[slot] = oldKeys[n];
        pages[slot] = oldPages[n];
      }
    }
  }

  /** Drops the blocks that touch the granules of a written range. */
  void invalidate(long gpa, int length) {
    long end = gpa + length;
    for (long page = gpa >>> 12; page <= (end - 1) >>> 12; page++) {
      Block[] lists = pages[slotOf(page)];
      if (lists == null) {
        continue;
      }
      long from = Math.max(gpa, page << 12);
      long to = Math.min(end, (page + 1) << 12);
      int first = Math.max(0, granule(from) - REACH);
      int last = granule(to - 1);
      long low = from >>> GRANULE_SHIFT << GRANULE_SHIFT;
      for (int g = first; g <= last; g++) {
        Block kept = null;
        for (Block b = lists[g], next; b != null; b = next) {
          next = b.next;
          if (b.gpa + b.bytes > low) {
            b.valid = false;
            blocks--;
          } else {
            b.next = kept;
            kept = b;
          }
        }
        lists[g] = kept;
      }
    }
  }

  /** Drops everything. */
  void clear() {
    for (Block[] page : pages) {
      if (page != null) {
        for (Block list : page) {
          for (Block b = list; b != null; b = b.next) {
            b.valid = false;
          }
        }
      }
    }
    Arrays.fill(front, null);
    Arrays.fill(pages, null);
    used = 0;
    blocks = 0;
  }
}
