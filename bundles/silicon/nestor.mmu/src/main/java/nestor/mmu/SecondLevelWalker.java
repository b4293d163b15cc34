// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Vcpu;

/**
 * From guest-physical to physical addresses through extended page tables (SDM vol. 3C, "EPT
 * Translation Mechanism"), with a cache of guest-physical mappings.
 *
 * <p>A mapping in a long: the frame, what all levels together allow in bits {@link #READ} to {@link
 * #USER_FETCH}, {@link #DIRTY}, and size and presence as in {@link Entry}.
 */
final class SecondLevelWalker {
  static final int READ = SecondLevelFault.READ;
  static final int WRITE = SecondLevelFault.WRITE;
  static final int FETCH = SecondLevelFault.FETCH;

  /** Fetches from user-mode linear addresses; the same as {@link #FETCH} unless told apart. */
  static final int USER_FETCH = 8;

  /** Writes need no further change of the tables. */
  static final int DIRTY = 0x10;

  private static final int TABLE_RIGHTS = READ | WRITE | FETCH;
  private static final int ALL_RIGHTS = TABLE_RIGHTS | USER_FETCH;
  private static final int LARGE = 1 << 7;
  private static final int ACCESSED = 1 << 8;
  private static final int DIRTY_BIT = 1 << 9;
  private static final int USER_EXECUTE = 1 << 10;

  /** Bits 6:3 of an entry that refers to a table, and 7:3 of a PML4E, are reserved. */
  private static final int TABLE_RESERVED = 0x78;

  private final Vcpu v;
  private final SecondLevel world;
  private final long addressMask;
  private final long highReserved;
  private final Tlb cache;
  private final NestedTables nested;
  final SecondLevelFault fault = new SecondLevelFault();
  final long[] walks = new long[6];
  long hits;

  SecondLevelWalker(Vcpu v, SecondLevel world, int physicalBits, int entries) {
    this.v = v;
    this.world = world;
    this.addressMask = (1L << physicalBits) - 1 & -4096L;
    this.highReserved = (1L << 52) - (1L << physicalBits);
    this.cache = new Tlb(entries);
    this.nested = new NestedTables(v, world, physicalBits);
  }

  void clear() {
    cache.clear();
  }

  /**
   * {@return the mapping of the 4 KiB page of a guest-physical address}
   *
   * <p>{@link #fault} has been filled in but for what this finds out.
   *
   * @param access bits of {@link SecondLevelFault#access}
   * @param space number of the root
   * @throws nestor.vcpu.VmExit if the tables do not allow it
   */
  long translate(long gpa, int access, boolean userFetch, int space) {
    int want = access;
    if (userFetch && (access & FETCH) != 0) {
      want = access & ~FETCH | USER_FETCH;
    }
    if ((access & WRITE) != 0) {
      want |= DIRTY;
    }
    long mapping = cache.lookup(gpa, space, space);
    if (mapping != 0) {
      if ((mapping & want) == want) {
        hits++;
        return mapping;
      }
      cache.remove(gpa, space);
    }
    mapping =
        world.kind == SecondLevel.Kind.NPT
            ? walkNested(gpa, access, want & ~DIRTY)
            : walk(gpa, access, want & ~DIRTY);
    cache.insert(gpa, space, mapping);
    return mapping | gpa & cache.bytes(Entry.size(mapping)) - 1 & -4096L;
  }

  private long walkNested(long gpa, int access, int want) {
    walks[world.levels]++;
    return nested.walk(gpa, access, want, fault);
  }

  void gigabytePages(boolean exist) {
    nested.gigabytePages(exist);
  }

  private long walk(long gpa, int access, int want) {
    walks[world.levels]++;
    if (gpa >>> 12 + 9 * world.levels != 0) {
      throw violation(gpa, access, 0);
    }
    long table = world.root;
    int allowed = ALL_RIGHTS;
    for (int level = world.levels; ; level--) {
      long address = table + (gpa >>> 12 + 9 * (level - 1) & 0x1FF) * 8;
      long entry = read(address);
      if (!isPresent(entry)) {
        throw violation(gpa, access, 0);
      }
      boolean leaf = level == 1 || (entry & LARGE) != 0 && level <= 3;
      if (isMalformed(entry, level, leaf)) {
        fault.malformed = true;
        fault.physical = gpa;
        throw v.virtualization.secondLevelFault(fault);
      }
      allowed &= rights(entry);
      if (leaf) {
        if ((allowed & want) != want) {
          throw violation(gpa, access, allowed);
        }
        long done = world.accessedDirty ? mark(address, entry, gpa, access) : entry;
        if (done != 0) {
          boolean dirty = !world.accessedDirty || (done & DIRTY_BIT) != 0;
          long frame = entry & addressMask & -(1L << 12 + 9 * (level - 1));
          return frame
              | Entry.PRESENT
              | (long) (level - 1) << Entry.SIZE_SHIFT
              | allowed
              | (dirty ? DIRTY : 0);
        }
        level = world.levels + 1; // changed meanwhile: once more from the top
        table = world.root;
        allowed = ALL_RIGHTS;
      } else {
        if (world.accessedDirty && (entry & ACCESSED) == 0) {
          replace(address, entry, entry | ACCESSED);
        }
        table = entry & addressMask;
      }
    }
  }

  boolean isPresent(long entry) {
    return (entry & (TABLE_RIGHTS | (world.modeBasedExecute ? USER_EXECUTE : 0))) != 0;
  }

  private int rights(long entry) {
    int rights = (int) entry & TABLE_RIGHTS;
    if (world.modeBasedExecute) {
      return rights | ((entry & USER_EXECUTE) != 0 ? USER_FETCH : 0);
    }
    return rights | ((entry & FETCH) != 0 ? USER_FETCH : 0);
  }

  /** SDM vol. 3C, "EPT Misconfigurations". */
  boolean isMalformed(long entry, int level, boolean leaf) {
    if ((entry & (READ | WRITE)) == WRITE || (entry & highReserved) != 0) {
      return true;
    }
    if (!leaf) {
      return (entry & (level >= 4 ? TABLE_RESERVED | LARGE : TABLE_RESERVED)) != 0;
    }
    int type = (int) entry >>> 3 & 7;
    boolean badType = type == 2 || type == 3 || type == 7;
    long low = (1L << 12 + 9 * (level - 1)) - 4096;
    return badType || (entry & low) != 0;
  }

  /** {@return the leaf with its A and D bits set, or 0 if it has changed meanwhile} */
  private long mark(long address, long entry, long gpa, int access) {
    long next = entry | ACCESSED;
    if ((access & WRITE) != 0) {
      next |= DIRTY_BIT;
    }
    if (next == entry) {
      return entry;
    }
    if (world.logsWrites && ((next ^ entry) & DIRTY_BIT) != 0) {
      v.virtualization.logWrite(gpa & -4096L);
    }
    return replace(address, entry, next) ? next : 0;
  }

  private RuntimeException violation(long gpa, int access, int allowed) {
    fault.malformed = false;
    fault.access = access;
    fault.allowed = allowed & TABLE_RIGHTS;
    fault.userExecute = (allowed & USER_FETCH) != 0;
    fault.physical = gpa;
    return v.virtualization.secondLevelFault(fault);
  }

  private long read(long address) {
    PhysicalMemory memory = v.memory;
    return memory.isRam(address)
        ? Mem.getLong(memory.ramBase() + address)
        : memory.load(null, address, 8);
  }

  private boolean replace(long address, long entry, long want) {
    PhysicalMemory memory = v.memory;
    if (!memory.isRam(address)) {
      memory.store(null, address, 8, want);
      return true;
    }
    boolean replaced = Mem.compareAndSetLong(memory.ramBase() + address, entry, want);
    if (replaced && memory.isWriteWatched(address)) {
      memory.written(address, 8);
    }
    return replaced;
  }

  /** {@return where a guest-physical address is mapped, without side effects, or -1} */
  long peek(long gpa) {
    if (world.kind == SecondLevel.Kind.NONE || gpa < 0) {
      return gpa;
    }
    if (world.kind == SecondLevel.Kind.NPT) {
      return nested.peek(gpa);
    }
    if (gpa >>> 12 + 9 * world.levels != 0) {
      return -1;
    }
    long table = world.root;
    for (int level = world.levels; ; level--) {
      long address = table + (gpa >>> 12 + 9 * (level - 1) & 0x1FF) * 8;
      long entry = v.memory.isRam(address) ? read(address) : 0;
      boolean leaf = level == 1 || (entry & LARGE) != 0 && level <= 3;
      if (!isPresent(entry) || isMalformed(entry, level, leaf)) {
        return -1;
      }
      if (leaf) {
        long bytes = 1L << 12 + 9 * (level - 1);
        return entry & addressMask & -bytes | gpa & bytes - 1;
      }
      table = entry & addressMask;
    }
  }
}
