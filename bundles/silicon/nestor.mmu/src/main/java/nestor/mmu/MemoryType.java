// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

/**
 * Memory types, in the encoding of MTRRs, IA32_PAT and EPT (SDM vol. 3A, "Memory Types That Can Be
 * Encoded With PAT"). Caches are not modelled: the type is what a processor would use, told to
 * people.
 */
enum MemoryType {
  UC("UC"),
  WC("WC"),
  RESERVED2("reserved 2"),
  RESERVED3("reserved 3"),
  WT("WT"),
  WP("WP"),
  WB("WB"),
  UC_MINUS("UC-");

  private static final MemoryType[] ALL = values();

  final String words;

  MemoryType(String words) {
    this.words = words;
  }

  /** {@return the type of an encoding, of which bits 2:0 count} */
  static MemoryType of(long encoding) {
    return ALL[(int) encoding & 7];
  }

  /**
   * {@return the effective type of a page with a PAT entry, in memory of this type} The memory's
   * type is that of an MTRR, or of an EPT entry in its place (SDM vol. 3A, table "Effective
   * Page-Level Memory Types for Pentium III and More Recent Processor Families").
   */
  MemoryType with(MemoryType pat) {
    if (pat == UC || pat == WC) {
      return pat;
    }
    return switch (this) {
      case WB -> pat == UC_MINUS ? UC : pat;
      case WT -> pat == UC_MINUS ? UC : pat == WP ? WP : WT;
      case WP -> pat == UC_MINUS ? WC : pat == WT ? WT : WP;
      case WC -> pat == UC_MINUS || pat == WB ? WC : UC;
      case UC, UC_MINUS, RESERVED2, RESERVED3 -> UC;
    };
  }

  /**
   * {@return the type of an access through EPT (SDM vol. 3C, "Memory Type Used for Translated
   * Guest-Physical Addresses")}
   *
   * @param eptLeaf the entry that maps the page: type in bits 5:3, ignore-PAT in bit 6
   * @param pat type by the guest's paging; WB without paging
   * @param cachesOff whether CR0.CD is set
   */
  static MemoryType throughEpt(long eptLeaf, MemoryType pat, boolean cachesOff) {
    if (cachesOff) {
      return UC;
    }
    MemoryType type = of(eptLeaf >>> 3);
    return (eptLeaf & 1 << 6) != 0 ? type : type.with(pat);
  }

  /**
   * {@return the entry of IA32_PAT that a paging-structure entry selects: PAT, PCD, PWT}
   *
   * @param leaf the entry that maps the page
   * @param large whether it maps more than 4 KiB, so that its PAT bit is bit 12
   */
  static MemoryType byPat(long pat, long leaf, boolean large) {
    long index = leaf >>> 3 & 3 | (leaf >>> (large ? 12 : 7) & 1) << 2;
    return of(pat >>> 8 * index);
  }
}
