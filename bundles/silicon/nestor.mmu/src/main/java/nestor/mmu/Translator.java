// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Map;
import java.util.TreeMap;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * From linear to guest-physical addresses: the TLB, the walk behind it, the fast tables before it,
 * and what invalidates which (SDM vol. 3A, "Invalidation of TLBs and Paging-Structure Caches").
 */
final class Translator {
  private static final int PCID_MASK = 0xFFF;

  final PagingMode mode;
  final Rights rights = new Rights();
  final long[] pdptes = new long[4];

  private final Vcpu v;
  private final long state;
  private final DataBreakpoints breakpoints;
  private final PageWalker walker;
  private final Tlb tlb;
  private final FastTables fast;
  private final Spaces spaces = new Spaces();
  private int space = Spaces.IDENTITY;
  private long localApicPage = -1;

  private final long[] walks = new long[6];
  private long hits;
  private long misses;
  private long stale;
  private long evictions;
  private long flushes;
  private long pageInvalidations;
  private long fills;

  Translator(Vcpu v, int entries, int physicalBits, DataBreakpoints breakpoints) {
    this.v = v;
    this.state = v.state;
    this.breakpoints = breakpoints;
    this.mode = new PagingMode(physicalBits);
    this.walker = new PageWalker(v, mode, rights, pdptes);
    this.tlb = new Tlb(entries);
    this.fast = new FastTables(state);
    fast.use(space);
  }

  /**
   * {@return guest-physical address} Fills the fast table of the view.
   *
   * @param access one bit of {@link Rights}
   */
  long translate(long linear, int access, int view) {
    if (mode.levels == 0) {
      long gpa = linear & 0xFFFF_FFFFL & v.memory.a20Mask();
      fill(linear, gpa & -4096L, Rights.READ | Rights.WRITE | Rights.FETCH, view, false);
      return gpa;
    }
    long entry = tlb.lookup(linear, space, spaces.global());
    int allowed = 0;
    if (entry != 0) {
      allowed = rights.of(entry, view);
      boolean clean = access == Rights.WRITE && (entry & Entry.DIRTY) == 0;
      if ((allowed & access) == 0 || clean) {
        // Never fault on a cached translation: the tables may allow more by now.
        stale++;
        removePage(linear);
        entry = 0;
      }
    }
    if (entry == 0) {
      entry = walk(linear, access, view);
      allowed = rights.of(entry, view);
    } else {
      hits++;
    }
    long page = entry & -4096L;
    if ((entry & Entry.DIRTY) == 0) {
      allowed &= ~Rights.WRITE;
    }
    fill(linear, page, allowed, view, (entry & Entry.GLOBAL) != 0);
    return page | linear & 4095;
  }

  private long walk(long linear, int access, int view) {
    misses++;
    walks[mode.levels]++;
    long entry = walker.walk(linear, access, view);
    boolean global = (entry & Entry.GLOBAL) != 0;
    tlb.insert(linear, global ? spaces.global() : space, entry);
    if (tlb.evictedKey != 0) {
      evictions++;
      int from = tlb.evictedSpace();
      fast.drop(
          tlb.evictedLinear(),
          tlb.bytes(Entry.size(tlb.evictedEntry)),
          from == spaces.global() ? 0 : from);
    }
    return entry | linear & tlb.bytes(Entry.size(entry)) - 1 & -4096L;
  }

  private void fill(long linear, long page, int allowed, int view, boolean global) {
    if (!isPlainRam(page)) {
      return;
    }
    boolean data =
        view != FastTable.USER_ALIGNED && !(breakpoints.enabled && breakpoints.inPage(linear));
    fills++;
    fast.fill(
        view,
        linear,
        page,
        v.memory.ramBase() + page,
        data && (allowed & Rights.READ) != 0,
        data && (allowed & Rights.WRITE) != 0 && !v.memory.isWriteWatched(page),
        (allowed & Rights.FETCH) != 0,
        global);
  }

  /** {@return whether a page holds RAM that nobody sits in front of} */
  boolean isPlainRam(long gpa) {
    return v.memory.isRam(gpa) && (gpa & -4096L) != localApicPage;
  }

  void modeChanged() {
    boolean flush = mode.update(state);
    boolean changed = rights.update(mode, Mem.getLong(state + State.PKRU));
    changed |= breakpoints.update();
    long apicPage = v.apic == null ? -1 : v.apic.page();
    changed |= apicPage != localApicPage;
    localApicPage = apicPage;
    if (flush) {
      flushEverything();
    } else if (changed) {
      fast.dropRights();
    }
    select();
  }

  /** Makes the space of CR3, or the identity, current. */
  private void select() {
    space = mode.levels == 0 ? Spaces.IDENTITY : spaces.of(pcid());
    fast.use(space);
  }

  private int pcid() {
    return mode.pcid ? (int) Mem.getLong(state + State.CR3) & PCID_MASK : 0;
  }

  void addressSpaceChanged(boolean keep) {
    if (!keep) {
      flushPcid(pcid());
    }
    select();
  }

  private void flushPcid(int pcid) {
    flushes++;
    if (spaces.exhausted()) {
      flushEverything();
      return;
    }
    int old = spaces.existing(pcid);
    if (old != 0) {
      spaces.flush(pcid);
      fast.rename(old, spaces.of(pcid));
    }
  }

  /** Flushes all PCIDs, but keeps global translations. */
  private void flushSpaces() {
    flushes++;
    if (spaces.exhausted()) {
      flushEverything();
    } else {
      spaces.flushAll();
      fast.keepGlobal();
    }
  }

  private void flushEverything() {
    flushes++;
    tlb.clear();
    tlb.largePages(mode.largeShift - 12);
    spaces.restart();
    fast.clear();
  }

  /** Drops everything, and reads all control registers anew. */
  void flushAll() {
    flushEverything();
    modeChanged();
  }

  void invalidatePage(long linear) {
    pageInvalidations++;
    if (mode.levels == 0) {
      return;
    }
    removePage(linear);
  }

  private void removePage(long linear) {
    drop(linear, tlb.remove(linear, space), space);
    drop(linear, tlb.remove(linear, spaces.global()), 0);
  }

  private void drop(long linear, int size, int from) {
    if (size >= 0) {
      fast.drop(linear, tlb.bytes(size), from);
    }
  }

  void invalidatePcid(int type, int pcid, long linear) {
    switch (type) {
      case 0 -> {
        pageInvalidations++;
        int target = spaces.existing(pcid);
        if (target != 0) {
          drop(linear, tlb.remove(linear, target), target);
        }
      }
      case 1 -> flushPcid(pcid);
      case 2 -> flushEverything();
      default -> flushSpaces();
    }
    select();
  }

  boolean loadPdptes() {
    long table = Mem.getLong(state + State.CR3) & 0xFFFF_FFE0L & v.memory.a20Mask();
    long reserved = mode.reservedInPdpte();
    for (int i = 0; i < 4; i++) {
      long pdpte = v.memory.load(null, table + 8L * i, 8);
      if ((pdpte & 1) != 0 && (pdpte & reserved) != 0) {
        return false;
      }
    }
    for (int i = 0; i < 4; i++) {
      pdptes[i] = v.memory.load(null, table + 8L * i, 8);
    }
    return true;
  }

  void watchWrites(long gpaPage) {
    boolean all = gpaPage == Mmu.ALL_PAGES;
    fast.dropWrites(all, v.memory.ramBase() + (gpaPage & -4096L));
  }

  Map<String, Long> counters() {
    Map<String, Long> result = new TreeMap<>();
    for (int level = 2; level < walks.length; level++) {
      result.put("walks." + level + "-level", walks[level]);
    }
    result.put("tlb.hits", hits);
    result.put("tlb.misses", misses);
    result.put("tlb.rewalks", stale);
    result.put("tlb.evictions", evictions);
    result.put("tlb.flushes", flushes);
    result.put("tlb.page-invalidations", pageInvalidations);
    result.put("fast.fills", fills);
    result.put("fast.contexts", (long) fast.contextsInUse());
    return result;
  }
}
