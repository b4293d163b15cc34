// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import nestor.vcpu.CodeListener;
import nestor.vcpu.Mmu;
import nestor.vcpu.Rendezvous;

/**
 * Which bytes of RAM were decoded as code, in granules of 64 bytes: one long a page, one bit a
 * granule, kept for those 2 MiB regions that hold code at all.
 */
final class CodeWatch {
  private static final int GRANULE_SHIFT = 6;
  private static final int PAGE_SHIFT = 12;
  private static final int CHUNK_SHIFT = 9;
  private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;

  /**
   * So many writes beside watched granules make a page give up its watch; twice as many each time
   * that it has been watched anew since.
   */
  private static final int PATIENCE = 32;

  private static final int TIMES_SHIFT = 24;
  private static final int MOST_TIMES = 16;

  private final long[][] chunks;

  /** For each page: how often it was released, and writes beside watched granules since. */
  private final int[][] misses;

  private final List<Mmu> mmus;
  private final ReentrantLock lock = new ReentrantLock();
  private Rendezvous rendezvous;
  private CodeListener[] listeners = {};

  CodeWatch(long addressSpaceBytes, List<Mmu> mmus) {
    this.chunks = new long[(int) (addressSpaceBytes >>> PAGE_SHIFT + CHUNK_SHIFT) + 1][];
    this.misses = new int[chunks.length][];
    this.mmus = mmus;
  }

  boolean isWatched(long gpa) {
    return granules(gpa) != 0;
  }

  /** {@return whether other vCPUs may have run meanwhile} */
  boolean watch(long gpa, int length) {
    if (length <= 0 || gpa < 0 || gpa >>> PAGE_SHIFT + CHUNK_SHIFT >= chunks.length) {
      return false;
    }
    if (rendezvous == null) {
      mark(gpa, length);
      return false;
    }
    if (addToWatched(gpa, length)) {
      return false;
    }
    // The first of its page: no store may be on its way through a write tag.
    rendezvous.exclusively(() -> mark(gpa, length));
    return true;
  }

  /** {@return whether the page was watched before, and so has no write tags} */
  private boolean addToWatched(long gpa, int length) {
    lock.lock();
    try {
      boolean watched = isWatched(gpa);
      if (watched) {
        mark(gpa, length);
      }
      return watched;
    } finally {
      lock.unlock();
    }
  }

  /** For stores that must not be overtaken by a watch of the same bytes. */
  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** {@return whether some of these bytes of one page are in watched granules} */
  boolean covers(long gpa, int length) {
    return (granules(gpa) & bits(gpa, length)) != 0;
  }

  void useRendezvous(Rendezvous where) {
    rendezvous = where;
  }

  private void mark(long gpa, int length) {
    int chunk = (int) (gpa >>> PAGE_SHIFT + CHUNK_SHIFT);
    long[] pages = chunks[chunk];
    if (pages == null) {
      pages = new long[CHUNK_PAGES];
      chunks[chunk] = pages;
      misses[chunk] = new int[CHUNK_PAGES];
    }
    int page = (int) (gpa >>> PAGE_SHIFT) & CHUNK_PAGES - 1;
    boolean first = pages[page] == 0;
    pages[page] |= bits(gpa, length);
    if (first) {
      for (int i = 0; i < mmus.size(); i++) {
        mmus.get(i).watchWrites(gpa & -4096L);
      }
    }
  }

  /** Bytes changed. Whoever made something from them is told, and their watch ends. */
  void written(long gpa, int length) {
    long end = gpa + length;
    while (gpa < end) {
      long next = Math.min((gpa & -4096L) + 4096, end);
      long granules = granules(gpa);
      if (granules != 0) {
        writtenInPage(gpa, (int) (next - gpa), granules);
      }
      gpa = next;
    }
  }

  private void writtenInPage(long gpa, int length, long granules) {
    long bits = bits(gpa, length);
    if ((granules & bits) == 0) {
      if (isTired(gpa)) {
        release(gpa & -4096L);
      }
      return;
    }
    // Ended before the listeners hear of it, so that one may watch anew at once.
    chunks[(int) (gpa >>> PAGE_SHIFT + CHUNK_SHIFT)][(int) (gpa >>> PAGE_SHIFT) & CHUNK_PAGES - 1] =
        granules & ~bits;
    long from = gpa >>> GRANULE_SHIFT << GRANULE_SHIFT;
    long to = (gpa + length - 1 >>> GRANULE_SHIFT) + 1 << GRANULE_SHIFT;
    for (CodeListener listener : listeners) {
      listener.codeWritten(from, (int) (to - from));
    }
  }

  /**
   * Counts a write beside the code of a page. True when the page had better {@link #release} it.
   */
  boolean isTired(long gpa) {
    int[] counts = misses[(int) (gpa >>> PAGE_SHIFT + CHUNK_SHIFT)];
    int page = (int) (gpa >>> PAGE_SHIFT) & CHUNK_PAGES - 1;
    int times = counts[page] >>> TIMES_SHIFT;
    int count = (counts[page] & (1 << TIMES_SHIFT) - 1) + 1;
    boolean tired = count >= PATIENCE << times;
    if (tired) {
      count = 0;
      times = Math.min(times + 1, MOST_TIMES);
    }
    counts[page] = times << TIMES_SHIFT | count;
    return tired;
  }

  /** All listeners drop what they have from a page; if one keeps something, the watch stays. */
  void release(long gpaPage) {
    boolean free = true;
    for (CodeListener listener : listeners) {
      free &= listener.release(gpaPage);
    }
    if (free) {
      chunks[(int) (gpaPage >>> PAGE_SHIFT + CHUNK_SHIFT)][
              (int) (gpaPage >>> PAGE_SHIFT) & CHUNK_PAGES - 1] =
          0;
    }
  }

  void add(CodeListener listener) {
    change(all -> all.add(listener));
  }

  void remove(CodeListener listener) {
    change(all -> all.remove(listener));
  }

  private void change(Consumer<List<CodeListener>> how) {
    lock.lock();
    try {
      List<CodeListener> all = new ArrayList<>(List.of(listeners));
      how.accept(all);
      listeners = all.toArray(CodeListener[]::new);
    } finally {
      lock.unlock();
    }
  }

  private long granules(long gpa) {
    long chunk = gpa >>> PAGE_SHIFT + CHUNK_SHIFT;
    if (chunk >= chunks.length) {
      return 0;
    }
    long[] pages = chunks[(int) chunk];
    return pages == null ? 0 : pages[(int) (gpa >>> PAGE_SHIFT) & CHUNK_PAGES - 1];
  }

  private static long bits(long gpa, int length) {
    int first = (int) (gpa & 4095) >>> GRANULE_SHIFT;
    int last = (int) ((gpa & 4095) + length - 1) >>> GRANULE_SHIFT;
    return -1L << first & -1L >>> 63 - last;
  }
}
