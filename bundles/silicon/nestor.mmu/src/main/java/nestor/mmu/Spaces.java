// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Arrays;

/**
 * Space numbers: what stands in the TLB for the tags of a translation.
 *
 * <p>Each PCID has a number, and one number stands for the global translations of all. A flush of a
 * PCID gives it a number never used before, so that its old translations match nothing.
 */
final class Spaces {
  private static final int LIMIT = 1 << Tlb.SPACE_BITS;
  private static final int PCIDS = 4096;

  /** Space of the identity mapping without paging; the TLB holds nothing of it. */
  static final int IDENTITY = 1;

  private final int[] byPcid = new int[PCIDS];
  private int last = IDENTITY;
  private int globalSpace = fresh();

  /**
   * Whether the numbers will soon be used up: everything must be flushed, with {@link #restart}.
   * Asked before each flush; until the next one each PCID can take one more at most.
   */
  boolean exhausted() {
    return last + 2 * PCIDS >= LIMIT;
  }

  /** All numbers may be used again; nothing may remember an old one. */
  void restart() {
    Arrays.fill(byPcid, 0);
    last = IDENTITY;
    globalSpace = fresh();
  }

  /** {@return the number that global translations have} */
  int global() {
    return globalSpace;
  }

  /** {@return the number of a PCID} */
  int of(int pcid) {
    if (byPcid[pcid] == 0) {
      byPcid[pcid] = fresh();
    }
    return byPcid[pcid];
  }

  /** {@return the number of a PCID, or 0 if it has none} */
  int existing(int pcid) {
    return byPcid[pcid];
  }

  /** Flushes the translations of a PCID, but not global ones. */
  void flush(int pcid) {
    byPcid[pcid] = fresh();
  }

  /** Flushes the translations of all PCIDs, but not global ones. */
  void flushAll() {
    Arrays.fill(byPcid, 0);
  }

  private int fresh() {
    return ++last;
  }
}
