// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.lang.foreign.Arena;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;

/**
 * The fast tables of one space under one set of rules: a table a view.
 *
 * <p>A bit an entry remembers what was filled, and a bit a word of those where to look, so that
 * clearing costs what was used.
 */
final class FastContext {
  private static final long BYTES = (long) FastTable.VIEWS * FastTable.BYTES;
  private static final int WORDS = FastTable.ENTRIES / 64;
  private static final int ALL_WORDS = FastTable.VIEWS * WORDS;
  private static final int SUMMARY = (ALL_WORDS + 63) / 64;

  /** Host address of the first table. */
  final long address;

  /** Number of the space that the entries belong to, or 0. */
  int space;

  /** Number of the rules that they obey. */
  long rules;

  private final long[] used = new long[ALL_WORDS];
  private final long[] global = new long[ALL_WORDS];
  private final long[] summary = new long[SUMMARY];

  FastContext(Arena arena) {
    address = arena.allocate(BYTES, FastTable.BYTES).address();
    for (long entry = address; entry < address + BYTES; entry += FastTable.ENTRY_BYTES) {
      invalidate(entry);
    }
  }

  private static void invalidate(long entry) {
    long noTag = FastTable.noTag(entry);
    Mem.putLong(entry + FastTable.READ, noTag);
    Mem.putLong(entry + FastTable.WRITE, noTag);
    Mem.putLong(entry + FastTable.FETCH, FastTable.NO_FETCH);
  }

  /** Drops all entries, or all but those of global pages. */
  void clear(boolean keepGlobal) {
    for (int part = 0; part < SUMMARY; part++) {
      for (long words = summary[part]; words != 0; words &= words - 1) {
        clearWord(64 * part + Long.numberOfTrailingZeros(words), keepGlobal);
      }
    }
  }

  private void clearWord(int word, boolean keepGlobal) {
    long bits = keepGlobal ? used[word] & ~global[word] : used[word];
    used[word] &= ~bits;
    if (used[word] == 0) {
      summary[word >>> 6] &= ~(1L << word);
    }
    long entries = entries(word);
    for (; bits != 0; bits &= bits - 1) {
      invalidate(entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES);
    }
  }

  private long entries(int word) {
    return address + (long) word * 64 * FastTable.ENTRY_BYTES;
  }

  /** Fills an entry. */
  void fill(
      int view,
      long linear,
      long gpaPage,
      long hostPage,
      boolean read,
      boolean write,
      boolean fetch,
      boolean isGlobal) {
    long page = linear & FastTable.PAGE;
    int index = (int) (linear >>> 12) & FastTable.ENTRIES - 1;
    int word = view * WORDS + (index >>> 6);
    long bit = 1L << index;
    used[word] |= bit;
    summary[word >>> 6] |= 1L << word;
    global[word] = isGlobal ? global[word] | bit : global[word] & ~bit;
    long entry = FastTable.entry(address + (long) view * FastTable.BYTES, linear);
    Mem.putLong(entry + FastTable.READ, read ? page : FastTable.noTag(entry));
    Mem.putLong(entry + FastTable.WRITE, write ? page : FastTable.noTag(entry));
    Mem.putLong(
        entry + FastTable.FETCH, fetch ? FastTable.fetchKey(linear, gpaPage) : FastTable.NO_FETCH);
    Mem.putLong(entry + FastTable.HOST, hostPage);
  }

  /** Drops the entries of a range in all views. */
  void drop(long linear, long bytes) {
    if (bytes == 4096) {
      for (int view = 0; view < FastTable.VIEWS; view++) {
        dropPage(view, linear & FastTable.PAGE);
      }
    } else {
      dropRange(linear & -bytes, bytes);
    }
  }

  private void dropPage(int view, long page) {
    long entry = FastTable.entry(address + (long) view * FastTable.BYTES, page);
    if (maps(entry, page, 4096)) {
      invalidate(entry);
    }
  }

  private void dropRange(long linear, long bytes) {
    for (int part = 0; part < SUMMARY; part++) {
      for (long words = summary[part]; words != 0; words &= words - 1) {
        int word = 64 * part + Long.numberOfTrailingZeros(words);
        long entries = entries(word);
        for (long bits = used[word]; bits != 0; bits &= bits - 1) {
          long entry = entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES;
          if (maps(entry, linear, bytes)) {
            invalidate(entry);
          }
        }
      }
    }
  }

  private static boolean maps(long entry, long linear, long bytes) {
    return isIn(Mem.getLong(entry + FastTable.READ), linear, bytes)
        || isIn(Mem.getLong(entry + FastTable.WRITE), linear, bytes)
        || isFetchIn(entry, linear, bytes);
  }

  private static boolean isIn(long tag, long linear, long bytes) {
    return !FastTable.isNoTag(tag) && Long.compareUnsigned(tag - linear, bytes) < 0;
  }

  private static boolean isFetchIn(long entry, long linear, long bytes) {
    long key = Mem.getLong(entry + FastTable.FETCH);
    if (key == FastTable.NO_FETCH) {
      return false;
    }
    long index = (entry >>> 5) & FastTable.ENTRIES - 1;
    long page = key >>> 28 << 28 >> 7 | index << 12;
    return Long.compareUnsigned(page - linear, bytes) < 0;
  }

  /** Takes the write tags of a linear page away, where they lead to a host page. */
  void dropWrite(long page, long hostPage) {
    for (int view = 0; view < FastTable.VIEWS; view++) {
      long entry = FastTable.entry(address + (long) view * FastTable.BYTES, page);
      if (Mem.getLong(entry + FastTable.WRITE) == page
          && Mem.getLong(entry + FastTable.HOST) == hostPage) {
        Mem.putLong(entry + FastTable.WRITE, FastTable.noTag(entry));
      }
    }
  }

  /** Takes the write tags of a host page, or all, away. */
  void dropWrites(boolean all, long hostPage) {
    for (int part = 0; part < SUMMARY; part++) {
      for (long words = summary[part]; words != 0; words &= words - 1) {
        dropWrites(64 * part + Long.numberOfTrailingZeros(words), all, hostPage);
      }
    }
  }

  private void dropWrites(int word, boolean all, long hostPage) {
    long entries = entries(word);
    for (long bits = used[word]; bits != 0; bits &= bits - 1) {
      long entry = entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES;
      long tag = Mem.getLong(entry + FastTable.WRITE);
      if (!FastTable.isNoTag(tag) && (all || Mem.getLong(entry + FastTable.HOST) == hostPage)) {
        Mem.putLong(entry + FastTable.WRITE, FastTable.noTag(entry));
      }
    }
  }
}
