// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

/**
 * Numbers for what the entries of a fast table depend on beside the translation: access rights,
 * data breakpoints, and pages that somebody sits in front of. Worlds that take turns find their
 * entries again, because the same rules have the same number.
 */
final class Rules {
  private static final int MOST = 64;
  private static final int PARTS = 4;

  private final long[] known = new long[MOST * PARTS];
  private int count;
  private long base;

  /** {@return the number of the rules made of these parts} */
  long number(long rights, long breakpoints, long apicPage, long guestApicPage) {
    for (int i = 0; i < count; i++) {
      int at = i * PARTS;
      if (known[at] == rights
          && known[at + 1] == breakpoints
          && known[at + 2] == apicPage
          && known[at + 3] == guestApicPage) {
        return base + i;
      }
    }
    if (count == MOST) {
      count = 0;
      base += MOST; // no old number comes again
    }
    int at = count * PARTS;
    known[at] = rights;
    known[at + 1] = breakpoints;
    known[at + 2] = apicPage;
    known[at + 3] = guestApicPage;
    return base + count++;
  }
}
