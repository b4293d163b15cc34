// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Arrays;

/**
 * Which large pages of guests are cached in smaller pieces, because the second level maps them so:
 * INVLPG on one must drop all its pieces (SDM vol. 3A, "Operations that Invalidate TLBs and
 * Paging-Structure Caches"). A filter: it may name too many.
 */
final class FracturedPages {
  private static final int BITS = 4096;
  private static final int SHIFT = 21;

  private final long[] regions = new long[BITS / 64];
  private boolean huge;

  private static int index(long linear) {
    return (int) (linear >>> SHIFT ^ linear >>> SHIFT + 12) & BITS - 1;
  }

  /** A piece of a page of size 1 or 2 is cached. */
  void note(long linear, int size) {
    huge |= size == 2;
    regions[index(linear) >>> 6] |= 1L << index(linear);
  }

  /** {@return size of the region around an address that may be cached in pieces; 0 if none} */
  long bytesAround(long linear) {
    if (huge) {
      return 1L << 30;
    }
    return (regions[index(linear) >>> 6] >>> index(linear) & 1) != 0 ? 1L << SHIFT : 0;
  }

  void clear() {
    Arrays.fill(regions, 0);
    huge = false;
  }
}
