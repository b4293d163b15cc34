// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Vcpu;

/**
 * The walk of nested page tables (APM vol. 2, "Nested Paging"): tables of the host's paging mode,
 * in which every access counts as one of user mode, and A and D bits are always kept.
 */
final class NestedTables {
  private static final int P = 1;
  private static final int RW = 2;
  private static final int US = 4;
  private static final int A = 0x20;
  private static final int D = 0x40;
  private static final int PS = 0x80;
  private static final long NO_EXECUTE = 1L << 63;
  private static final int ALL_FETCHES = SecondLevelWalker.FETCH | SecondLevelWalker.USER_FETCH;

  private final Vcpu v;
  private final SecondLevel world;
  private final PagingMode mode;
  private boolean pages1G = true;

  NestedTables(Vcpu v, SecondLevel world, int physicalBits) {
    this.v = v;
    this.world = world;
    this.mode = new PagingMode(physicalBits);
  }

  void gigabytePages(boolean exist) {
    pages1G = exist;
  }

  private void formats() {
    if (mode.levels != world.levels
        || mode.noExecute != world.noExecute
        || mode.gigabytePages != pages1G) {
      mode.nested(world.levels, world.noExecute, pages1G);
    }
  }

  /** {@return bits of a guest-physical address that the tables translate} */
  private int addressBits() {
    return mode.levels <= 3 ? 32 : 12 + 9 * mode.levels;
  }

  /**
   * {@return the mapping, as {@link SecondLevelWalker} keeps it}
   *
   * @param want rights in bits of {@link SecondLevelWalker}
   * @throws nestor.vcpu.VmExit if the tables do not allow it
   */
  long walk(long gpa, int access, int want, SecondLevelFault fault) {
    formats();
    if (mode.levels > 3 && gpa >>> addressBits() != 0) {
      throw fault(fault, gpa, access, false, false);
    }
    long table = mode.root(world.root);
    int level = mode.levels;
    long allowed = RW | US;
    long denied = 0;
    while (true) {
      long address = address(table, gpa, level);
      long entry = read(address);
      if ((entry & P) == 0) {
        throw fault(fault, gpa, access, false, false);
      }
      boolean pointer = mode.levels == 3 && level == 3;
      boolean leaf = !pointer && (level == 1 || (entry & PS) != 0 && mode.large[level]);
      if ((entry & reserved(level, leaf, pointer)) != 0) {
        throw fault(fault, gpa, access, true, true);
      }
      if (!pointer) { // PDPTEs of PAE paging have no rights
        allowed &= entry;
        denied |= entry;
      }
      if (!leaf) {
        if (pointer || (entry & A) != 0 || replace(address, entry, entry | A)) {
          table = mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
          level--;
        } else {
          allowed = RW | US; // changed meanwhile: once more from the top
          denied = 0;
          table = mode.root(world.root);
          level = mode.levels;
        }
        continue;
      }
      int rights = rights(allowed, denied);
      if ((rights & want) != want) {
        throw fault(fault, gpa, access, true, false);
      }
      long next = entry | A | ((access & SecondLevelWalker.WRITE) != 0 ? D : 0);
      if (next == entry || replace(address, entry, next)) {
        return mapping(next, gpa, level, rights);
      }
      allowed = RW | US;
      denied = 0;
      table = mode.root(world.root);
      level = mode.levels;
    }
  }

  private long reserved(int level, boolean leaf, boolean pointer) {
    if (pointer) {
      return mode.reservedInPdpte();
    }
    return (leaf ? mode.reservedInLeaf : mode.reservedInTable)[level];
  }

  private int rights(long allowed, long denied) {
    if ((allowed & US) == 0) {
      return 0;
    }
    boolean fetch = !mode.noExecute || (denied & NO_EXECUTE) == 0;
    return SecondLevelWalker.READ
        | ((allowed & RW) != 0 ? SecondLevelWalker.WRITE : 0)
        | (fetch ? ALL_FETCHES : 0);
  }

  private long mapping(long entry, long gpa, int level, int rights) {
    long frame = mode.frame(entry, level);
    if (mode.levels == 2 && level == 2) {
      frame |= gpa & 1 << 21; // a 4 MiB page is cached in halves
    }
    return frame
        | Entry.PRESENT
        | (long) (level - 1) << Entry.SIZE_SHIFT
        | rights
        | ((entry & D) != 0 ? SecondLevelWalker.DIRTY : 0);
  }

  private RuntimeException fault(
      SecondLevelFault fault, long gpa, int access, boolean present, boolean reserved) {
    fault.access = access;
    fault.present = present;
    fault.malformed = reserved;
    fault.physical = gpa;
    return v.virtualization.secondLevelFault(fault);
  }

  private long address(long table, long gpa, int level) {
    long index = gpa >>> 12 + mode.indexBits * (level - 1) & (1L << mode.indexBits) - 1;
    if (mode.levels == 3 && level == 3) {
      index &= 3;
    }
    return table + index * mode.entryBytes;
  }

  private long read(long address) {
    PhysicalMemory memory = v.memory;
    return memory.isRam(address)
        ? Mem.get(memory.ramBase() + address, mode.entryBytes)
        : memory.load(null, address, mode.entryBytes);
  }

  private boolean replace(long address, long entry, long want) {
    PhysicalMemory memory = v.memory;
    if (!memory.isRam(address)) {
      memory.store(null, address, mode.entryBytes, want);
      return true;
    }
    long host = memory.ramBase() + address;
    boolean replaced =
        mode.entryBytes == 8
            ? Mem.compareAndSetLong(host, entry, want)
            : Mem.compareAndSetInt(host, (int) entry, (int) want);
    if (replaced && memory.isWriteWatched(address)) {
      memory.written(address, mode.entryBytes);
    }
    return replaced;
  }

  /** {@return where a guest-physical address is mapped, without side effects, or -1} */
  long peek(long gpa) {
    formats();
    if (mode.levels > 3 && gpa >>> addressBits() != 0) {
      return -1;
    }
    long table = mode.root(world.root);
    for (int level = mode.levels; ; level--) {
      long address = address(table, gpa, level);
      long entry = v.memory.isRam(address) ? read(address) : 0;
      boolean pointer = mode.levels == 3 && level == 3;
      boolean leaf = !pointer && (level == 1 || (entry & PS) != 0 && mode.large[level]);
      if ((entry & P) == 0 || (entry & reserved(level, leaf, pointer)) != 0) {
        return -1;
      }
      if (leaf) {
        return mode.frame(entry, level) | gpa & (1L << 12 + mode.indexBits * (level - 1)) - 1;
      }
      table = mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
    }
  }
}
