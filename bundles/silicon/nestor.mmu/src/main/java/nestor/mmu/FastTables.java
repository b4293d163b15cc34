// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.lang.foreign.Arena;
import java.util.Arrays;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * The fast tables of one vCPU: a bounded number of contexts, each for one space of the TLB and one
 * set of rules.
 *
 * <p>A bit an entry remembers what was filled, so that clearing costs what was used. Entries of
 * global pages outlive a flush of their space, as in the TLB.
 */
final class FastTables {
  static final int CONTEXTS = 32;
  private static final long CONTEXT_BYTES = (long) FastTable.VIEWS * FastTable.BYTES;
  private static final int WORDS = FastTable.ENTRIES / 64;
  private static final int CONTEXT_WORDS = FastTable.VIEWS * WORDS;

  private final long state;
  private final Arena arena = Arena.ofAuto();
  private final long base = arena.allocate(CONTEXTS * CONTEXT_BYTES, FastTable.BYTES).address();

  // Space number of each context, or 0; and which rules its entries obey.
  private final int[] spaces = new int[CONTEXTS];
  private final long[] rules = new long[CONTEXTS];
  private final long[] used = new long[CONTEXTS * CONTEXT_WORDS];
  private final long[] global = new long[CONTEXTS * CONTEXT_WORDS];
  private long rulesNow;
  private int current;
  private int victim;

  FastTables(long state) {
    this.state = state;
    for (int slot = 0; slot < CONTEXTS * FastTable.VIEWS * FastTable.ENTRIES; slot++) {
      invalidate(base + (long) slot * FastTable.ENTRY_BYTES);
    }
    publish();
  }

  private static void invalidate(long entry) {
    Mem.putLong(entry + FastTable.READ, FastTable.noTag(entry));
    Mem.putLong(entry + FastTable.WRITE, FastTable.noTag(entry));
    Mem.putLong(entry + FastTable.FETCH, FastTable.NO_FETCH);
  }

  private void publish() {
    Mem.putLong(state + State.CONTEXT, base + current * CONTEXT_BYTES);
    FastTable.select(state);
  }

  /** Makes the context of a space under the rules in force current, in place of another if new. */
  void use(int space) {
    int context = find(space);
    if (context < 0) {
      context = unused();
      clear(context, false);
      spaces[context] = space;
      rules[context] = rulesNow;
    }
    current = context;
    publish();
  }

  private int find(int space) {
    for (int context = 0; context < CONTEXTS; context++) {
      if (spaces[context] == space && rules[context] == rulesNow) {
        return context;
      }
    }
    return -1;
  }

  private int unused() {
    for (int context = 0; context < CONTEXTS; context++) {
      if (spaces[context] == 0) {
        return context;
      }
    }
    victim = (victim + 1) % CONTEXTS;
    return victim;
  }

  /** A space was flushed: its contexts go on under a new number, with their global pages only. */
  void rename(int space, int newSpace) {
    for (int context = 0; context < CONTEXTS; context++) {
      if (space != 0 && spaces[context] == space) {
        clear(context, true);
        spaces[context] = newSpace;
      }
    }
  }

  /** All spaces were flushed, global pages not. */
  void keepGlobal() {
    for (int context = 0; context < CONTEXTS; context++) {
      clear(context, true);
      spaces[context] = 0;
    }
  }

  /** Everything was flushed. */
  void clear() {
    for (int context = 0; context < CONTEXTS; context++) {
      clear(context, false);
      spaces[context] = 0;
    }
  }

  /**
   * Access rights are others. A space has a context for each set of rules that it was used under,
   * so rules that come and go, as a guest's PKRU does, cost nothing.
   *
   * @param number the same for the same rules
   */
  void obey(long number) {
    rulesNow = number;
  }

  private void clear(int context, boolean keepGlobal) {
    for (int word = context * CONTEXT_WORDS; word < (context + 1) * CONTEXT_WORDS; word++) {
      long bits = used[word];
      if (bits != 0) {
        if (keepGlobal) {
          bits &= ~global[word];
        }
        used[word] &= ~bits;
        invalidate(word, bits);
      }
    }
  }

  private void invalidate(int word, long bits) {
    long entries = base + (long) word * 64 * FastTable.ENTRY_BYTES;
    while (bits != 0) {
      invalidate(entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES);
      bits &= bits - 1;
    }
  }

  /** Fills an entry of the current context. */
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
    int word = current * CONTEXT_WORDS + view * WORDS + (index >>> 6);
    long bit = 1L << index;
    used[word] |= bit;
    global[word] = isGlobal ? global[word] | bit : global[word] & ~bit;
    long entry =
        base
            + current * CONTEXT_BYTES
            + (long) view * FastTable.BYTES
            + (long) index * FastTable.ENTRY_BYTES;
    Mem.putLong(entry + FastTable.READ, read ? page : FastTable.noTag(entry));
    Mem.putLong(entry + FastTable.WRITE, write ? page : FastTable.noTag(entry));
    Mem.putLong(
        entry + FastTable.FETCH, fetch ? FastTable.fetchKey(linear, gpaPage) : FastTable.NO_FETCH);
    Mem.putLong(entry + FastTable.HOST, hostPage);
  }

  /** A translation left the TLB: clears what came from it. Space 0 means all spaces. */
  void drop(long linear, long bytes, int space) {
    for (int context = 0; context < CONTEXTS; context++) {
      if (space == 0 || spaces[context] == space) {
        for (int view = 0; view < FastTable.VIEWS; view++) {
          if (bytes == 4096) {
            dropPage(context, view, linear & FastTable.PAGE);
          } else {
            dropRange(context, view, linear & -bytes, bytes);
          }
        }
      }
    }
  }

  private void dropPage(int context, int view, long page) {
    long table = base + context * CONTEXT_BYTES + (long) view * FastTable.BYTES;
    long entry = FastTable.entry(table, page);
    if (maps(entry, page, 4096)) {
      invalidate(entry);
    }
  }

  private void dropRange(int context, int view, long linear, long bytes) {
    int first = context * CONTEXT_WORDS + view * WORDS;
    for (int word = first; word < first + WORDS; word++) {
      long entries = base + (long) word * 64 * FastTable.ENTRY_BYTES;
      for (long bits = used[word]; bits != 0; bits &= bits - 1) {
        long entry = entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES;
        if (maps(entry, linear, bytes)) {
          invalidate(entry);
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

  /** Takes the write tags of a host page, or all, away in every context. */
  void dropWrites(boolean all, long hostPage) {
    for (int word = 0; word < used.length; word++) {
      long entries = base + (long) word * 64 * FastTable.ENTRY_BYTES;
      for (long bits = used[word]; bits != 0; bits &= bits - 1) {
        long entry = entries + (long) Long.numberOfTrailingZeros(bits) * FastTable.ENTRY_BYTES;
        long tag = Mem.getLong(entry + FastTable.WRITE);
        if (!FastTable.isNoTag(tag) && (all || Mem.getLong(entry + FastTable.HOST) == hostPage)) {
          Mem.putLong(entry + FastTable.WRITE, FastTable.noTag(entry));
        }
      }
    }
  }

  /** {@return how many contexts have a space} */
  int contextsInUse() {
    return (int) Arrays.stream(spaces).filter(space -> space != 0).count();
  }
}
