// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the RAM of two runs differs, entry by entry, and which of that is an accessed or dirty bit
 * of a paging-structure entry: bits 5 and 6 (SDM vol. 3A, "Accessed and Dirty Flags"), in an EPT
 * entry bits 8 and 9 (SDM vol. 3C, "Accessed and Dirty Flags for EPT").
 */
record RamDifferences(List<String> explained, List<String> unexplained) {
  private static final int PAGE = 4096;
  private static final long PAGING_BITS = 1 << 5 | 1 << 6;
  private static final long EPT_BITS = 1 << 8 | 1 << 9;
  private static final long ADDRESS = 0xF_FFFF_FFFF_F000L;

  static RamDifferences between(byte[] before, byte[] after) {
    RamDifferences found = new RamDifferences(new ArrayList<>(), new ArrayList<>());
    for (int page = 0; page < before.length; page += PAGE) {
      if (!Arrays.equals(before, page, page + PAGE, after, page, page + PAGE)) {
        found.compare(page, entries(before, page), entries(after, page), before.length);
      }
    }
    return found;
  }

  private static long[] entries(byte[] ram, int page) {
    long[] entries = new long[PAGE / 8];
    ByteBuffer.wrap(ram, page, PAGE).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(entries);
    return entries;
  }

  private void compare(int page, long[] before, long[] after, long limit) {
    for (int n = 0; n < before.length; n++) {
      long bits = before[n] ^ after[n];
      if (bits == 0) {
        continue;
      }
      boolean ept = (bits & ~EPT_BITS) == 0;
      boolean flags = ept || (bits & ~PAGING_BITS) == 0;
      boolean present = (before[n] & (ept ? 7 : 1)) != 0;
      boolean inRam = (before[n] & ADDRESS) < limit + (1L << 32);
      (flags && present && inRam ? explained : unexplained)
          .add(
              String.format(
                  "%08x: %016x instead of %016x%s",
                  page + 8L * n, after[n], before[n], ept ? " (EPT)" : ""));
    }
  }

  @Override
  public String toString() {
    return explained.size()
        + " accessed or dirty bits differ "
        + explained
        + ", else "
        + unexplained.subList(0, Math.min(20, unexplained.size()));
  }
}
