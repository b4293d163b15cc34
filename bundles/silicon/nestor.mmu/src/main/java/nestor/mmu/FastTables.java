// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * The fast tables of one vCPU: a bounded number of contexts, each for one space of the TLB and one
 * set of rules, made when first needed.
 *
 * <p>Entries of global pages outlive a flush of their space, as in the TLB.
 */
final class FastTables {
  static final int CONTEXTS = 32;

  private final long state;
  private final Arena arena = Arena.ofAuto();
  private final List<FastContext> contexts = new ArrayList<>();

  private final WriteTags writeTags = new WriteTags();

  private FastContext current;
  private long rulesNow;
  private int victim;

  FastTables(long state) {
    this.state = state;
    current = add();
    publish();
  }

  private FastContext add() {
    FastContext context = new FastContext(arena);
    contexts.add(context);
    return context;
  }

  private void publish() {
    Mem.putLong(state + State.CONTEXT, current.address);
    FastTable.select(state);
  }

  /** Makes the context of a space under the rules in force current, in place of another if new. */
  void use(int space) {
    FastContext context = find(space);
    if (context == null) {
      context = unused();
      context.clear(false);
      context.space = space;
      context.rules = rulesNow;
    }
    current = context;
    publish();
  }

  private FastContext find(int space) {
    for (int n = 0; n < contexts.size(); n++) {
      FastContext context = contexts.get(n);
      if (context.space == space && context.rules == rulesNow) {
        return context;
      }
    }
    return null;
  }

  private FastContext unused() {
    for (FastContext context : contexts) {
      if (context.space == 0) {
        return context;
      }
    }
    if (contexts.size() < CONTEXTS) {
      return add();
    }
    victim = (victim + 1) % CONTEXTS;
    return contexts.get(victim);
  }

  /** A space was flushed: its contexts go on under a new number, with their global pages only. */
  void rename(int space, int newSpace) {
    for (int n = 0; n < contexts.size(); n++) {
      FastContext context = contexts.get(n);
      if (space != 0 && context.space == space) {
        context.clear(true);
        context.space = newSpace;
      }
    }
  }

  /** All spaces were flushed, global pages not. */
  void keepGlobal() {
    clear(true);
  }

  /** Everything was flushed. */
  void clear() {
    clear(false);
  }

  private void clear(boolean keepGlobal) {
    for (FastContext context : contexts) {
      context.clear(keepGlobal);
      context.space = 0;
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
    if (write) {
      writeTags.note(gpaPage, linear & FastTable.PAGE);
    }
    current.fill(view, linear, gpaPage, hostPage, read, write, fetch, isGlobal);
  }

  /** A translation left the TLB: clears what came from it. Space 0 means all spaces. */
  void drop(long linear, long bytes, int space) {
    for (int n = 0; n < contexts.size(); n++) {
      FastContext context = contexts.get(n);
      if (space == 0 || context.space == space) {
        context.drop(linear, bytes);
      }
    }
  }

  /** Takes the write tags of a physical page away in every context. */
  void dropWrites(long gpaPage, long hostPage) {
    long place = writeTags.take(gpaPage);
    if (place == WriteTags.NOWHERE) {
      return;
    }
    for (int n = 0; n < contexts.size(); n++) {
      if (place == WriteTags.SEVERAL) {
        contexts.get(n).dropWrites(false, hostPage);
      } else {
        contexts.get(n).dropWrite(place & FastTable.PAGE, hostPage);
      }
    }
  }

  /** Takes all write tags away. */
  void dropAllWrites() {
    writeTags.clear();
    for (FastContext context : contexts) {
      context.dropWrites(true, 0);
    }
  }

  /** {@return how many contexts have a space} */
  int contextsInUse() {
    return (int) contexts.stream().filter(context -> context.space != 0).count();
  }
}
