// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Map;
import java.util.TreeMap;
import nestor.vcpu.FastTable;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.Vcpu;

/**
 * From linear to guest-physical addresses: the TLB, the walk behind it, the fast tables before it,
 * and what invalidates which (SDM vol. 3A, "Invalidation of TLBs and Paging-Structure Caches").
 */
final class Translator {
  private static final int PCID_MASK = 0xFFF;

  final int physicalBits;
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
  private final Rules rules = new Rules();
  private final SecondLevel world = new SecondLevel();
  private final SecondLevelWalker second;
  private final GuestPhysical physical;
  private final FracturedPages fractured = new FracturedPages();
  private TlbPolicy policy;
  private int space = Spaces.IDENTITY;
  private int globalSpace;
  private long localApicPage = -1;

  private final long[] walks = new long[6];
  private long hits;
  private long misses;
  private long stale;
  private long evictions;
  private long flushes;
  private long pageInvalidations;
  private long fills;
  private long switches;

  Translator(Vcpu v, int entries, int physicalBits, DataBreakpoints breakpoints) {
    this.v = v;
    this.state = v.state;
    this.breakpoints = breakpoints;
    this.physicalBits = physicalBits;
    this.mode = new PagingMode(physicalBits);
    this.second = new SecondLevelWalker(v, world, physicalBits, entries);
    this.physical = new GuestPhysical(v, world, second, spaces, fractured);
    this.walker = new PageWalker(v, mode, rights, pdptes, physical);
    this.tlb = new Tlb(entries);
    this.fast = new FastTables(state);
    select();
  }

  /** {@return the world that addresses belong to} */
  SecondLevel world() {
    return world;
  }

  /**
   * {@return physical address} Fills the fast table of the view.
   *
   * @param access one bit of {@link Rights}
   */
  long translate(long linear, int access, int view) {
    if (mode.levels == 0 && physical.isPlain()) {
      long gpa = linear & 0xFFFF_FFFFL & v.memory.a20Mask();
      fill(linear, gpa & -4096L, Rights.READ | Rights.WRITE | Rights.FETCH, view, false);
      return gpa;
    }
    long entry = tlb.lookup(linear, space, globalSpace);
    int allowed = 0;
    if (entry != 0) {
      allowed = rightsOf(entry, view);
      boolean clean = access == Rights.WRITE && (entry & Entry.DIRTY) == 0;
      if ((allowed & access) == 0 || clean) {
        // Never fault on a cached translation: the tables may allow more by now.
        stale++;
        dropPage(linear);
        entry = 0;
      }
    }
    if (entry == 0) {
      entry = walk(linear, access, view);
      allowed = rightsOf(entry, view);
    } else {
      hits++;
    }
    long page = entry & Entry.FRAME;
    if ((entry & Entry.DIRTY) == 0) {
      allowed &= ~Rights.WRITE;
    }
    fill(linear, page, allowed, view, (entry & Entry.GLOBAL) != 0);
    return page | linear & 4095;
  }

  private int rightsOf(long entry, int view) {
    return mode.levels == 0
        ? (Rights.READ | Rights.WRITE | Rights.FETCH) & ~Entry.denied(entry)
        : rights.of(entry, view);
  }

  private long walk(long linear, int access, int view) {
    misses++;
    walks[mode.levels]++;
    long entry =
        mode.levels == 0 ? physical.unpaged(linear, access) : walker.walk(linear, access, view);
    boolean global = (entry & Entry.GLOBAL) != 0;
    tlb.insert(linear, global ? globalSpace : space, entry);
    if (tlb.evictedKey != 0) {
      evictions++;
      int from = tlb.evictedSpace();
      fast.drop(
          tlb.evictedLinear(),
          tlb.bytes(Entry.size(tlb.evictedEntry)),
          from == globalSpace ? 0 : from);
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
    long page = gpa & -4096L;
    return v.memory.isRam(gpa) && page != localApicPage && page != v.intercepts.apicPage;
  }

  void modeChanged() {
    if (update()) {
      flushEverything();
    }
    select();
  }

  /** Reads all that translation depends on. True if the change flushes the TLB. */
  private boolean update() {
    mode.gigabytePages = v.gigabytePages;
    second.gigabytePages(v.gigabytePages);
    boolean flush = mode.update(state);
    rights.update(mode, Mem.getLong(state + State.PKRU));
    breakpoints.update();
    localApicPage = v.apic == null ? -1 : v.apic.page();
    fast.obey(
        rules.number(rights.number(), breakpoints.number, localApicPage, v.intercepts.apicPage));
    return flush;
  }

  /** VM entry or exit: another tag, other tables. */
  void enterWorld(SecondLevel next) {
    switches++;
    world.kind = next.kind;
    world.tag = next.tag;
    world.root = next.root;
    world.levels = next.levels;
    world.accessedDirty = next.accessedDirty;
    world.noExecute = next.noExecute;
    world.modeBasedExecute = next.modeBasedExecute;
    world.logsWrites = next.logsWrites;
    spaces.enter(world);
    update();
    if (policy != null && policy.flushesOnTransition()) {
      flushEverything();
    }
    select();
  }

  void usePolicy(TlbPolicy next) {
    policy = next;
  }

  /** Makes the space of CR3, or the one without paging, current. */
  private void select() {
    if (spaces.exhausted()) {
      flushEverything();
    }
    space = mode.levels == 0 ? spaces.unpaged() : spaces.of(pcid());
    globalSpace = spaces.global();
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
    spaces.flushAll();
    fast.keepGlobal();
  }

  private void flushEverything() {
    flushes++;
    tlb.clear();
    second.clear();
    fractured.clear();
    spaces.restart();
    fast.clear();
  }

  /** Drops everything, and reads all control registers anew. */
  void flushAll() {
    flushEverything();
    modeChanged();
  }

  long guestPhysical(long gpa, boolean write) {
    return physical.named(gpa, write);
  }

  void invalidateTag(int tag, boolean keepGlobal) {
    flushes++;
    spaces.flushTag(tag, keepGlobal);
    select();
  }

  void invalidateSecondLevel(long root) {
    flushes++;
    spaces.flushRoot(root);
    select();
  }

  void invalidateTagPage(int tag, long linear) {
    pageInvalidations++;
    spaces.forEach(tag, from -> dropPage(linear, from));
  }

  void invalidatePage(long linear) {
    pageInvalidations++;
    dropPage(linear, space);
    dropPage(linear, globalSpace);
  }

  private void dropPage(long linear, int from) {
    long bytes = physical.isPlain() && mode.levels != 2 ? 0 : fractured.bytesAround(linear);
    if (mode.levels == 2) {
      bytes = Math.max(bytes, 1L << 22);
    }
    boolean everywhere = from == globalSpace;
    if (bytes == 0) {
      drop(linear, tlb.remove(linear, from), everywhere ? 0 : from);
    } else if (tlb.removeRange(linear & -bytes, bytes, from)) {
      fast.drop(linear & -bytes, bytes, everywhere ? 0 : from);
    }
  }

  /** Drops the one entry that was found too narrow. */
  private void dropPage(long linear) {
    drop(linear, tlb.remove(linear, space), space);
    drop(linear, tlb.remove(linear, globalSpace), 0);
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
          dropPage(linear, target);
        }
      }
      case 1 -> flushPcid(pcid);
      case 2 -> flushEverything();
      default -> flushSpaces();
    }
    select();
  }

  boolean loadPdptes() {
    if (physical.readsPdptes()) {
      return true;
    }
    long table = Mem.getLong(state + State.CR3) & 0xFFFF_FFE0L & v.memory.a20Mask();
    long reserved = mode.reservedInPdpte();
    for (int i = 0; i < 4; i++) {
      long pdpte = v.memory.load(null, physical.pdpte(table) + 8L * i, 8);
      if ((pdpte & 1) != 0 && (pdpte & reserved) != 0) {
        return false;
      }
    }
    for (int i = 0; i < 4; i++) {
      pdptes[i] = v.memory.load(null, physical.pdpte(table) + 8L * i, 8);
    }
    return true;
  }

  void watchWrites(long gpaPage) {
    if (gpaPage == Mmu.ALL_PAGES) {
      fast.dropAllWrites();
    } else {
      fast.dropWrites(gpaPage & -4096L, v.memory.ramBase() + (gpaPage & -4096L));
    }
  }

  /** {@return where a guest-physical address is mapped, without side effects, or -1} */
  long peekPhysical(long gpa) {
    return second.peek(gpa);
  }

  Map<String, Long> counters() {
    Map<String, Long> result = new TreeMap<>();
    for (int level = 2; level < walks.length; level++) {
      result.put("walks.second." + level + "-level", second.walks[level]);
    }
    result.put("walks.unpaged", walks[0]);
    result.put("tlb.second.hits", second.hits);
    result.put("tlb.worlds", switches);
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
