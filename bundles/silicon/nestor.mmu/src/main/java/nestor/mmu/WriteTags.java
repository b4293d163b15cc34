// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import java.util.Arrays;

/**
 * Where each physical page has write tags in the fast tables: nowhere, at one linear page in
 * whatever context and view, or at several. It may tell of tags that have gone since.
 */
final class WriteTags {
  /** No write tag. */
  static final long NOWHERE = 0;

  /** More linear pages than one. */
  static final long SEVERAL = -1;

  private static final int CHUNK_SHIFT = 9;
  private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
  private static final int PAGE_SHIFT = 12;

  /** Marks a linear page, so that page 0 is one too. */
  private static final long ONE = 1;

  private long[][] chunks = new long[64][];

  /** A write tag of a physical page is made at a linear page. */
  void note(long gpaPage, long linearPage) {
    int chunk = (int) (gpaPage >>> PAGE_SHIFT + CHUNK_SHIFT);
    if (chunk >= chunks.length) {
      chunks = Arrays.copyOf(chunks, 2 * chunk);
    }
    long[] pages = chunks[chunk];
    if (pages == null) {
      pages = new long[CHUNK_PAGES];
      chunks[chunk] = pages;
    }
    int page = page(gpaPage);
    long place = linearPage | ONE;
    if (pages[page] != place) {
      pages[page] = pages[page] == NOWHERE ? place : SEVERAL;
    }
  }

  private static int page(long gpaPage) {
    return (int) (gpaPage >>> PAGE_SHIFT) & CHUNK_PAGES - 1;
  }

  /** {@return {@link #NOWHERE}, {@link #SEVERAL}, or the linear page with bit 0 set} Forgets it. */
  long take(long gpaPage) {
    int chunk = (int) (gpaPage >>> PAGE_SHIFT + CHUNK_SHIFT);
    if (chunk >= chunks.length || chunks[chunk] == null) {
      return NOWHERE;
    }
    long place = chunks[chunk][page(gpaPage)];
    chunks[chunk][page(gpaPage)] = NOWHERE;
    return place;
  }

  /** No page has a write tag any more. */
  void clear() {
    Arrays.fill(chunks, null);
  }
}
