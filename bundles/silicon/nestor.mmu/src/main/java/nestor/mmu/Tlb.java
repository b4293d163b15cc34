// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Arrays;

/**
 * The architectural TLB: three set-associative arrays, for pages of 4 KiB, 2 MiB, and 1 GiB.
 *
 * <p>A key is the page number and a space number. A space number stands for the tags that a
 * translation carries, see {@link Spaces}, and is never used again after its space was flushed, so
 * a flush is one increment. A set replaces its ways in turn, whatever was used: so what the TLB
 * holds depends on walks and invalidations alone, not on which accesses an engine served from its
 * fast tables.
 */
final class Tlb {
  static final int SPACE_BITS = 19;
  private static final int WAYS = 4;
  private static final long PAGE_NUMBER = (1L << 45) - 1;

  /**
   * One size of pages. The sets that were ever filled since the last clear are remembered in order,
   * so that clearing costs what was used: a hypervisor may ask for it at each VM entry.
   */
  private static final class Sized {
    final long[] keys;
    final long[] entries;
    final byte[] next;
    final int setMask;
    final boolean[] touched;
    final int[] touchedSets;
    int touchedCount;

    Sized(int count) {
      int sets = count / WAYS;
      keys = new long[count];
      entries = new long[count];
      next = new byte[sets];
      setMask = sets - 1;
      touched = new boolean[sets];
      touchedSets = new int[sets];
    }

    boolean isUsed() {
      return touchedCount != 0;
    }

    void touch(int set) {
      if (!touched[set]) {
        touched[set] = true;
        touchedSets[touchedCount++] = set;
      }
    }

    void clear() {
      for (int n = 0; n < touchedCount; n++) {
        int set = touchedSets[n];
        touched[set] = false;
        next[set] = 0;
        Arrays.fill(keys, set * WAYS, set * WAYS + WAYS, 0);
        Arrays.fill(entries, set * WAYS, set * WAYS + WAYS, 0);
      }
      touchedCount = 0;
    }
  }

  private final Sized[] sizes;
  private final Sized small;

  /** Key and entry that the last {@link #insert} pushed out, or 0. */
  long evictedKey;

  long evictedEntry;

  Tlb(int entries) {
    int count = Math.max(64, Integer.highestOneBit(entries));
    small = new Sized(count);
    sizes = new Sized[] {small, new Sized(Math.max(32, count / 4)), new Sized(16)};
  }

  private static int shift(int size) {
    return 9 * size;
  }

  private static long pageNumber(long linear) {
    return linear >>> 12 & PAGE_NUMBER;
  }

  /** {@return the {@link Entry} of the 4 KiB page around an address, or 0} */
  long lookup(long linear, int space, int globalSpace) {
    long page = pageNumber(linear);
    long entry = find(small, page, space, globalSpace);
    if (entry != 0) {
      return entry;
    }
    for (int size = 1; size <= 2; size++) {
      Sized array = sizes[size];
      if (array.isUsed()) {
        int shift = shift(size);
        entry = find(array, page >>> shift, space, globalSpace);
        if (entry != 0) {
          return entry + ((page & (1L << shift) - 1) << 12);
        }
      }
    }
    return 0;
  }

  private static long find(Sized array, long page, int space, int globalSpace) {
    int slot = ((int) page & array.setMask) * WAYS;
    long key = page << SPACE_BITS | space;
    long globalKey = page << SPACE_BITS | globalSpace;
    long[] keys = array.keys;
    for (int way = slot; way < slot + WAYS; way++) {
      if (keys[way] == key || keys[way] == globalKey) {
        return array.entries[way];
      }
    }
    return 0;
  }

  /** Puts in a translation; a large one by the entry of its first 4 KiB page. */
  void insert(long linear, int space, long entry) {
    int size = Entry.size(entry);
    Sized array = sizes[size];
    long page = pageNumber(linear) >>> shift(size);
    int set = (int) page & array.setMask;
    array.touch(set);
    int slot = set * WAYS + array.next[set];
    array.next[set] = (byte) (array.next[set] + 1 & WAYS - 1);
    evictedKey = array.keys[slot];
    evictedEntry = array.entries[slot];
    array.keys[slot] = page << SPACE_BITS | space;
    array.entries[slot] = entry;
  }

  /** {@return first linear address of what was evicted} */
  long evictedLinear() {
    long page = evictedKey >>> SPACE_BITS << shift(Entry.size(evictedEntry));
    return page << 12 + 7 >> 7; // canonical in 57 bits, and so in 48
  }

  int evictedSpace() {
    return (int) evictedKey & (1 << SPACE_BITS) - 1;
  }

  /** {@return bytes of a page of a size} */
  long bytes(int size) {
    return 1L << shift(size) + 12;
  }

  /** Drops the translations of an address in a space. Returns the largest size found, or -1. */
  int remove(long linear, int space) {
    int found = -1;
    for (int size = 0; size <= 2; size++) {
      Sized array = sizes[size];
      if (array.isUsed()) {
        long page = pageNumber(linear) >>> shift(size);
        long key = page << SPACE_BITS | space;
        int slot = ((int) page & array.setMask) * WAYS;
        for (int way = slot; way < slot + WAYS; way++) {
          if (array.keys[way] == key) {
            array.keys[way] = 0;
            array.entries[way] = 0;
            found = size;
          }
        }
      }
    }
    return found;
  }

  /** {@return whether anything of a space lies in a range} Drops it. */
  boolean removeRange(long linear, long bytes, int space) {
    boolean found = false;
    for (int size = 0; size <= 2; size++) {
      long step = bytes(size);
      for (long at = linear & -step; sizes[size].isUsed() && at - linear < bytes; at += step) {
        found |= remove(at, space) >= 0;
      }
    }
    return found;
  }

  /** Drops everything. */
  void clear() {
    for (Sized array : sizes) {
      array.clear();
    }
  }
}
