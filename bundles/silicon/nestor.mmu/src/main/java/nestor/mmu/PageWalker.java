// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The page walk of all paging modes (SDM vol. 3A, "Hierarchical Paging Structures"), with A and D
 * bits set as the walk uses the entries.
 *
 * <p>An entry that refers to a table gets its A bit when the walk goes on through it, one that maps
 * a page gets A and D after its access rights were found sufficient. Both are set by
 * compare-and-set on the entry that was read; if that fails, the entry is read again.
 */
final class PageWalker {
  private static final int P = 1;
  private static final int RW = 2;
  private static final int US = 4;
  private static final int A = 0x20;
  private static final int D = 0x40;
  private static final int PS = 0x80;
  private static final int G = 0x100;
  private static final int HALF = 1 << 21;
  private static final long XD = 1L << 63;

  /** Bits of a page fault's error code (SDM vol. 3A, "Page-Fault Exceptions"). */
  private static final int ERROR_PRESENT = 1;

  private static final int ERROR_WRITE = 2;
  private static final int ERROR_USER = 4;
  private static final int ERROR_RESERVED = 8;
  private static final int ERROR_FETCH = 16;
  private static final int ERROR_KEY = 32;

  private final Vcpu v;
  private final PagingMode mode;
  private final Rights rights;
  private final long[] pdptes;
  private final GuestPhysical physical;

  PageWalker(Vcpu v, PagingMode mode, Rights rights, long[] pdptes, GuestPhysical physical) {
    this.v = v;
    this.mode = mode;
    this.rights = rights;
    this.pdptes = pdptes;
    this.physical = physical;
  }

  /** {@return a present PDPTE: of its register, or under nested paging as memory has it now} */
  private long pdpte(long linear, int access, int view) {
    int index = (int) (linear >>> 30) & 3;
    boolean walked = physical.readsPdptes();
    long pdpte = pdptes[index];
    if (walked) {
      long table = Mem.getLong(v.state + State.CR3) & 0xFFFF_FFE0L;
      pdpte = read(physical.table(table + 8L * index, linear, false, view));
    }
    if ((pdpte & P) == 0) {
      throw fault(linear, access, view, 0);
    }
    if (walked && (pdpte & mode.reservedInPdpte()) != 0) {
      throw fault(linear, access, view, ERROR_PRESENT | ERROR_RESERVED);
    }
    return pdpte;
  }

  /**
   * {@return the {@link Entry} of the page that maps an address; of its first 4 KiB if it is large}
   *
   * @param access one bit of {@link Rights}
   * @throws nestor.vcpu.GuestFault #PF, or a VM exit of second-level tables
   */
  long walk(long linear, int access, int view) {
    int level = mode.levels;
    long table;
    if (level == 3) {
      table = pdpte(linear, access, view) & mode.addressMask;
      level = 2;
    } else {
      table = mode.root(Mem.getLong(v.state + State.CR3));
    }
    long allowed = RW | US;
    long denied = 0;
    while (true) {
      long gpa = address(table, linear, level);
      long address = physical.table(gpa, linear, false, view);
      long entry = read(address);
      if ((entry & P) == 0) {
        throw fault(linear, access, view, 0);
      }
      boolean leaf = level == 1 || (entry & PS) != 0 && mode.large[level];
      if ((entry & (leaf ? mode.reservedInLeaf : mode.reservedInTable)[level]) != 0) {
        throw fault(linear, access, view, ERROR_PRESENT | ERROR_RESERVED);
      }
      if (leaf) {
        long result = leaf(entry, linear, level, allowed & entry, denied | entry);
        if ((rights.ofGuest(result, view) & access) == 0) {
          int key = rights.isKeyViolation(result, access, view) ? ERROR_KEY : 0;
          throw fault(linear, access, view, ERROR_PRESENT | key);
        }
        long want = entry | A | (access == Rights.WRITE ? D : 0);
        if (want == entry || replace(gpa, linear, view, address, entry, want)) {
          return physical.page(
              (want & D) != 0 ? result | Entry.DIRTY : result, linear, access, view);
        }
      } else if ((entry & A) != 0 || replace(gpa, linear, view, address, entry, entry | A)) {
        allowed &= entry;
        denied |= entry;
        table = mode.levels == 2 ? entry & 0xFFFF_F000L : entry & mode.addressMask;
        level--;
      }
    }
  }

  private long leaf(long entry, long linear, int level, long allowed, long denied) {
    long frame = mode.frame(entry, level);
    if (mode.levels == 2 && level == 2) {
      frame |= linear & HALF; // a 4 MiB page is cached in halves
    }
    long result = frame & v.memory.a20Mask() | Entry.PRESENT;
    result |= (long) (level - 1) << Entry.SIZE_SHIFT;
    result |= (allowed & RW) != 0 ? Entry.WRITABLE : 0;
    result |= (allowed & US) != 0 ? Entry.USER : 0;
    result |= mode.noExecute && (denied & XD) != 0 ? Entry.NO_EXECUTE : 0;
    result |= mode.global && (entry & G) != 0 ? Entry.GLOBAL : 0;
    result |= mode.keys ? (entry >>> 59 & 15) << Entry.KEY_SHIFT : 0;
    return result;
  }

  /** {@return guest-physical address of the entry for a linear address at a level} */
  long address(long table, long linear, int level) {
    long index = linear >>> 12 + mode.indexBits * (level - 1) & (1L << mode.indexBits) - 1;
    return table + index * mode.entryBytes & v.memory.a20Mask();
  }

  /** {@return a paging-structure entry} */
  long read(long address) {
    PhysicalMemory memory = v.memory;
    return memory.isRam(address)
        ? Mem.get(memory.ramBase() + address, mode.entryBytes)
        : memory.load(null, address, mode.entryBytes);
  }

  private boolean replace(long gpa, long linear, int view, long address, long entry, long want) {
    physical.table(gpa, linear, true, view);
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

  private RuntimeException fault(long linear, int access, int view, int cause) {
    int code = cause;
    code |= access == Rights.WRITE ? ERROR_WRITE : 0;
    code |= Rights.isUser(view) ? ERROR_USER : 0;
    code |= access == Rights.FETCH && (mode.smep || mode.noExecute) ? ERROR_FETCH : 0;
    return v.pageFault(linear, code);
  }
}
