// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What an engine keeps of guest code, by physical address, so that a write finds all that was made
 * from the bytes it changes. Belongs to the engine's thread.
 *
 * <p>Pages hang in an open hash; in a page, blocks hang in lists by the 64-byte granule they start
 * in. Blocks whose last instruction crosses into another page stand in a list of that page too: it
 * may be the only one of the two that is written.
 *
 * @param <B> the engine's blocks
 */
public final class CodeBlocks<B extends CodeBlock<B>> {
  private static final int PAGE_SHIFT = 12;
  private static final int GRANULE_SHIFT = 6;
  private static final int GRANULES = 64;

  /** Granules that a block can reach back over. */
  private final int reach;

  private long[] keys = new long[1 << 12];
  private B[][] pages = newPages(keys.length);
  private final Map<Long, B> crossing = new HashMap<>();
  private int used;
  private long live;

  /**
   * Makes an empty index.
   *
   * @param mostBytes most bytes that a block can have
   */
  public CodeBlocks(int mostBytes) {
    reach = (mostBytes >> GRANULE_SHIFT) + 1;
  }

  @SuppressWarnings("unchecked") // only blocks of type B come in
  private static <B extends CodeBlock<B>> B[][] newPages(int count) {
    return (B[][]) new CodeBlock<?>[count][];
  }

  @SuppressWarnings("unchecked") // only blocks of type B come in
  private static <B extends CodeBlock<B>> B[] newLists() {
    return (B[]) new CodeBlock<?>[GRANULES];
  }

  /** {@return the number of blocks that are valid} */
  public long live() {
    return live;
  }

  private static int granule(long gpa) {
    return (int) (gpa >>> GRANULE_SHIFT) & GRANULES - 1;
  }

  private int slotOf(long page) {
    int slot = (int) (page * 0x9E3779B97F4A7C15L >>> 40) & (keys.length - 1);
    while (pages[slot] != null && keys[slot] != page) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  /**
   * {@return the first of the blocks that start in the granule of an address, or null} The others
   * follow by {@link CodeBlock#next}.
   */
  public B startingNear(long gpa) {
    B[] lists = pages[slotOf(gpa >>> PAGE_SHIFT)];
    return lists == null ? null : lists[granule(gpa)];
  }

  /** Adds a block. */
  public void add(B block) {
    long page = block.gpa >>> PAGE_SHIFT;
    int slot = slotOf(page);
    if (pages[slot] == null) {
      if (used * 2 > keys.length) {
        grow();
        slot = slotOf(page);
      }
      keys[slot] = page;
      pages[slot] = newLists();
      used++;
    }
    int granule = granule(block.gpa);
    block.next = pages[slot][granule];
    pages[slot][granule] = block;
    live++;
    if (block.secondPage >= 0) {
      // Those that are gone leave the list here, so that it does not grow for ever.
      block.nextCrossing = validCrossing(block.secondPage >>> PAGE_SHIFT);
      crossing.put(block.secondPage >>> PAGE_SHIFT, block);
    }
  }

  private B validCrossing(long page) {
    B kept = null;
    for (B b = crossing.get(page), next; b != null; b = next) {
      next = b.nextCrossing;
      if (b.valid) {
        b.nextCrossing = kept;
        kept = b;
      }
    }
    return kept;
  }

  private void grow() {
    long[] oldKeys = keys;
    B[][] oldPages = pages;
    keys = new long[oldKeys.length * 2];
    pages = newPages(keys.length);
    for (int n = 0; n < oldKeys.length; n++) {
      if (oldPages[n] != null) {
        int slot = slotOf(oldKeys[n]);
        keys[slot] = oldKeys[n];
        pages[slot] = oldPages[n];
      }
    }
  }

  /**
   * Takes out the blocks that touch the granules of a written range.
   *
   * @param dropped hears of each, which is no longer valid then
   */
  public void invalidate(long gpa, int length, Consumer<? super B> dropped) {
    long end = gpa + length;
    for (long page = gpa >>> PAGE_SHIFT; page <= (end - 1) >>> PAGE_SHIFT; page++) {
      long from = Math.max(gpa, page << PAGE_SHIFT);
      long to = Math.min(end, (page + 1) << PAGE_SHIFT);
      invalidateInPage(page, from, to, dropped);
      if (granule(from) == 0 && !crossing.isEmpty()) {
        invalidateCrossing(page, dropped);
      }
    }
  }

  private void invalidateInPage(long page, long from, long to, Consumer<? super B> dropped) {
    B[] lists = pages[slotOf(page)];
    if (lists == null) {
      return;
    }
    int last = granule(to - 1);
    long low = from >>> GRANULE_SHIFT << GRANULE_SHIFT;
    for (int g = Math.max(0, granule(from) - reach); g <= last; g++) {
      B kept = null;
      for (B b = lists[g], next; b != null; b = next) {
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

  /** An instruction reaches no further than into the first granule of its second page. */
  private void invalidateCrossing(long page, Consumer<? super B> dropped) {
    for (B b = crossing.remove(page); b != null; b = b.nextCrossing) {
      if (b.valid) {
        unlist(b);
        drop(b, dropped);
      }
    }
  }

  private void unlist(B block) {
    B[] lists = pages[slotOf(block.gpa >>> PAGE_SHIFT)];
    int granule = granule(block.gpa);
    B kept = null;
    for (B b = lists[granule], next; b != null; b = next) {
      next = b.next;
      if (b != block) {
        b.next = kept;
        kept = b;
      }
    }
    lists[granule] = kept;
  }

  private void drop(B block, Consumer<? super B> dropped) {
    block.valid = false;
    live--;
    dropped.accept(block);
  }

  /** Takes everything out; no block is valid any more. */
  public void clear() {
    for (B[] lists : pages) {
      if (lists != null) {
        for (B list : lists) {
          for (B b = list; b != null; b = b.next) {
            b.valid = false;
          }
        }
      }
    }
    Arrays.fill(pages, null);
    crossing.clear();
    used = 0;
    live = 0;
  }
}
