// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.FastTable;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Vcpu;

/**
 * What a page walk needs of the second level: where paging-structure entries and the page lie in
 * physical memory. Outside guest mode, and in guests without a second level, that is where they
 * say.
 */
final class GuestPhysical {
  private final Vcpu v;
  private final SecondLevel world;
  private final SecondLevelWalker walker;
  private final Spaces spaces;
  private final FracturedPages fractured;

  GuestPhysical(
      Vcpu v,
      SecondLevel world,
      SecondLevelWalker walker,
      Spaces spaces,
      FracturedPages fractured) {
    this.v = v;
    this.world = world;
    this.walker = walker;
    this.spaces = spaces;
    this.fractured = fractured;
  }

  boolean isPlain() {
    return world.kind == SecondLevel.Kind.NONE;
  }

  /** {@return physical address of a paging-structure entry, which will also be written or not} */
  long table(long gpa, long linear, boolean write, int view) {
    if (isPlain()) {
      return gpa;
    }
    SecondLevelFault fault = walker.fault;
    fault.linear = linear;
    fault.linearValid = true;
    fault.finalAccess = false;
    fault.userAccess = Rights.isUser(view);
    // With A and D bits kept, an access to a guest paging structure counts as a write (SDM vol. 3C,
    // "Accessed and Dirty Flags for EPT").
    int access =
        write || world.accessedDirty
            ? SecondLevelWalker.READ | SecondLevelWalker.WRITE
            : SecondLevelWalker.READ;
    long mapping = walker.translate(gpa, access, false, spaces.guestPhysical());
    long physical = mapping & Entry.FRAME | gpa & 4095;
    if (physical >>> 12 == v.intercepts.apicPage >>> 12) {
      v.virtualization.loadApicPage(-1, physical, 8, access);
    }
    return physical;
  }

  /**
   * {@return whether PDPTEs of the guest have no registers: under nested paging they are read in
   * each walk (APM vol. 2, "Legacy PAE Mode")}
   */
  boolean readsPdptes() {
    return world.kind == SecondLevel.Kind.NPT;
  }

  /** {@return physical address of PDPTEs, read without a linear address} */
  long pdpte(long gpa) {
    if (isPlain()) {
      return gpa;
    }
    SecondLevelFault fault = walker.fault;
    fault.linear = 0;
    fault.linearValid = false;
    fault.finalAccess = false;
    fault.userAccess = false;
    long mapping = walker.translate(gpa, SecondLevelWalker.READ, false, spaces.guestPhysical());
    return mapping & Entry.FRAME | gpa & 4095;
  }

  /** {@return physical address of what a register names, without a linear address} */
  long named(long gpa, boolean write) {
    if (isPlain()) {
      return gpa;
    }
    SecondLevelFault fault = walker.fault;
    fault.linear = 0;
    fault.linearValid = false;
    fault.finalAccess = true;
    fault.userPage = false;
    fault.writablePage = true;
    fault.noExecutePage = false;
    fault.userAccess = false;
    int access = write ? SecondLevelWalker.WRITE : SecondLevelWalker.READ;
    long mapping = walker.translate(gpa, access, false, spaces.guestPhysical());
    return mapping & Entry.FRAME | gpa & 4095;
  }

  /**
   * {@return the {@link Entry} of a page by the one that the guest's tables gave}
   *
   * @param guest entry of the first 4 KiB of the guest's page
   */
  long page(long guest, long linear, int access, int view) {
    if (isPlain()) {
      return guest;
    }
    int guestSize = Entry.size(guest);
    long guestBytes = 4096L << 9 * guestSize;
    long gpa = guest & Entry.FRAME | linear & guestBytes - 1;
    boolean userPage = (guest & Entry.USER) != 0;
    SecondLevelFault fault = walker.fault;
    fault.linear = linear;
    fault.linearValid = true;
    fault.finalAccess = true;
    fault.userPage = userPage;
    fault.writablePage = (guest & Entry.WRITABLE) != 0;
    fault.noExecutePage = (guest & Entry.NO_EXECUTE) != 0;
    fault.userAccess = Rights.isUser(view);
    long mapping = walker.translate(gpa, kind(access), userPage, spaces.guestPhysical());
    int size = Math.min(guestSize, Entry.size(mapping));
    if (size < guestSize) {
      fractured.note(linear, guestSize);
    }
    long bytes = 4096L << 9 * size;
    long result = guest & 0xFFF & ~(3L << Entry.SIZE_SHIFT) & ~Entry.DIRTY;
    result |= mapping & Entry.FRAME & -bytes;
    result |= (long) size << Entry.SIZE_SHIFT;
    result |= (long) denied(mapping, userPage) << Entry.DENIED_SHIFT;
    if ((guest & Entry.DIRTY) != 0 && (mapping & SecondLevelWalker.DIRTY) != 0) {
      result |= Entry.DIRTY;
    }
    return result;
  }

  private static int kind(int access) {
    return switch (access) {
      case Rights.WRITE -> SecondLevelWalker.WRITE;
      case Rights.FETCH -> SecondLevelWalker.FETCH;
      default -> SecondLevelWalker.READ;
    };
  }

  private static int denied(long mapping, boolean userPage) {
    int fetch = userPage ? SecondLevelWalker.USER_FETCH : SecondLevelWalker.FETCH;
    return ((mapping & SecondLevelWalker.READ) == 0 ? Rights.READ : 0)
        | ((mapping & SecondLevelWalker.WRITE) == 0 ? Rights.WRITE : 0)
        | ((mapping & fetch) == 0 ? Rights.FETCH : 0);
  }

  /** {@return the entry of an address without paging: everything is allowed to everybody} */
  long unpaged(long linear, int access) {
    long all = Entry.PRESENT | Entry.WRITABLE | Entry.USER | Entry.DIRTY;
    return page(linear & 0xFFFF_F000L | all, linear & 0xFFFF_FFFFL, access, FastTable.SUPERVISOR);
  }
}
