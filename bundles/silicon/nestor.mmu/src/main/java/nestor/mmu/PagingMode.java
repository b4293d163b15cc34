// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * The paging mode that CR0, CR4 and EFER select, and what follows from it for entries and access
 * rights (SDM vol. 3A, "Paging Modes and Control Bits"). Recomputed when one of them changes.
 */
final class PagingMode {
  static final long CR0_WP = 1 << 16;
  static final long CR0_PG = 1L << 31;
  static final long CR4_PSE = 1 << 4;
  static final long CR4_PAE = 1 << 5;
  static final long CR4_PGE = 1 << 7;
  static final long CR4_LA57 = 1 << 12;
  static final long CR4_PCIDE = 1 << 17;
  static final long CR4_SMEP = 1 << 20;
  static final long CR4_SMAP = 1 << 21;
  static final long CR4_PKE = 1 << 22;
  static final long EFER_LMA = 1 << 10;
  static final long EFER_NXE = 1 << 11;

  /** Bits of CR4 whose change flushes the TLB, as SDM vol. 3A, "Invalidation of TLBs" lists. */
  private static final long CR4_FLUSH = CR4_PSE | CR4_PAE | CR4_PGE | CR4_LA57 | CR4_PCIDE;

  private static final long PAGE_SIZE = 0x80;
  private static final long NO_EXECUTE = 1L << 63;

  /** Levels of the walk: 0 without paging, 2 for 32-bit, 3 for PAE, 4 or 5. */
  int levels;

  /** Bytes of an entry. */
  int entryBytes;

  /** Index bits of a level. */
  int indexBits;

  /** By level: bits that must be 0 in an entry that refers to a table. */
  final long[] reservedInTable = new long[6];

  /** By level: bits that must be 0 in an entry that maps a page. */
  final long[] reservedInLeaf = new long[6];

  /** By level: whether an entry with PS maps a page. */
  final boolean[] large = new boolean[6];

  /** Whether the model has pages of 1 GiB; without, PS is reserved in their entries. */
  boolean gigabytePages = true;

  /** Physical-address bits of an entry of 8 bytes that refers to a 4 KiB page or table. */
  final long addressMask;

  boolean writeProtect;
  boolean global;
  boolean pcid;
  boolean smep;
  boolean smap;
  boolean noExecute;
  boolean keys;

  private final int physicalBits;
  private long cr0;
  private long cr4;
  private long efer;

  PagingMode(int physicalBits) {
    this.physicalBits = physicalBits;
    this.addressMask = (1L << physicalBits) - 1 & -4096L;
  }

  /** Reads the control registers. True if the change flushes the TLB. */
  boolean update(long state) {
    long oldCr0 = cr0;
    long oldCr4 = cr4;
    long oldEfer = efer;
    cr0 = Mem.getLong(state + State.CR0);
    cr4 = Mem.getLong(state + State.CR4);
    efer = Mem.getLong(state + State.EFER);
    writeProtect = (cr0 & CR0_WP) != 0;
    global = (cr4 & CR4_PGE) != 0;
    smep = (cr4 & CR4_SMEP) != 0;
    smap = (cr4 & CR4_SMAP) != 0;
    levels = levels();
    pcid = (cr4 & CR4_PCIDE) != 0 && levels >= 4;
    keys = (cr4 & CR4_PKE) != 0 && levels >= 4;
    noExecute = (efer & EFER_NXE) != 0 && levels >= 3;
    layout();
    return ((oldCr0 ^ cr0) & CR0_PG) != 0
        || ((oldCr4 ^ cr4) & CR4_FLUSH) != 0
        || ((oldEfer ^ efer) & (EFER_LMA | EFER_NXE)) != 0;
  }

  /** Takes the formats of a host's nested page tables, whatever the control registers hold. */
  void nested(int hostLevels, boolean hostNoExecute, boolean pages1G) {
    levels = hostLevels;
    noExecute = hostNoExecute && hostLevels >= 3;
    gigabytePages = pages1G;
    cr4 = CR4_PSE;
    layout();
  }

  /** {@return the bits that access rights depend on, as a number} */
  long rightsBits() {
    return (writeProtect ? 1 : 0) | (smep ? 2 : 0) | (smap ? 4 : 0) | (noExecute ? 8 : 0);
  }

  private int levels() {
    if ((cr0 & CR0_PG) == 0) {
      return 0;
    }
    if ((cr4 & CR4_PAE) == 0) {
      return 2;
    }
    return (efer & EFER_LMA) == 0 ? 3 : (cr4 & CR4_LA57) == 0 ? 4 : 5;
  }

  /** SDM vol. 3A, figures "Formats of CR3 and Paging-Structure Entries" of each mode. */
  private void layout() {
    boolean legacy = levels == 2;
    entryBytes = legacy ? 4 : 8;
    indexBits = legacy ? 10 : 9;
    large[2] = !legacy || (cr4 & CR4_PSE) != 0;
    large[3] = levels >= 4 && gigabytePages;
    long high = 0;
    if (!legacy) {
      // Above bit 51 PAE paging reserves all but NX; the others ignore 62:52 or hold a key there.
      high = (levels == 3 ? NO_EXECUTE - 1 : (1L << 52) - 1) & -(1L << physicalBits);
      high |= noExecute ? 0 : NO_EXECUTE;
    }
    for (int level = 1; level <= 5; level++) {
      boolean noLeaf = level >= 4 || level == 3 && !gigabytePages;
      reservedInTable[level] = high | (noLeaf ? PAGE_SIZE : 0);
      reservedInLeaf[level] = high;
    }
    if (legacy) {
      // PSE-36: bits 20:13 are address bits 39:32 as far as MAXPHYADDR goes; bit 21 is reserved.
      int addressBits = Math.clamp(physicalBits - 32L, 0, 8);
      reservedInLeaf[2] = (1L << 22) - (1L << 13 + addressBits);
    } else {
      reservedInLeaf[2] |= (1 << 21) - (1 << 13);
      reservedInLeaf[3] |= (1 << 30) - (1 << 13);
    }
  }

  /** {@return the reserved bits of a present PDPTE of PAE paging} */
  long reservedInPdpte() {
    return -(1L << physicalBits) | 0x1E6;
  }

  /** {@return physical address of the top table} */
  long root(long cr3) {
    return switch (levels) {
      case 2 -> cr3 & 0xFFFF_F000L;
      case 3 -> cr3 & 0xFFFF_FFE0L;
      default -> cr3 & addressMask;
    };
  }

  /** {@return the page frame of a leaf entry} */
  long frame(long entry, int level) {
    if (levels == 2) {
      return level == 1 ? entry & 0xFFFF_F000L : entry & 0xFFC0_0000L | (entry & 0x1F_E000) << 19;
    }
    return entry & addressMask & -(1L << 12 + 9 * (level - 1));
  }
}
