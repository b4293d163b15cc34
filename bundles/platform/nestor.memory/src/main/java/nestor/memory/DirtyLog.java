// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Which pages of RAM were written since somebody last asked: one bit a page.
 *
 * <p>While it is kept, a page that is not yet dirty counts as watched, so its first write takes the
 * slow path and comes here; from then on it is as fast as without a log.
 */
final class DirtyLog {
  private static final int PAGE_SHIFT = 12;

  private final long[] words;

  DirtyLog(long addressSpaceBytes) {
    words = new long[(int) (addressSpaceBytes >>> PAGE_SHIFT + 6) + 1];
  }

  boolean isDirty(long gpa) {
    int word = (int) (gpa >>> PAGE_SHIFT + 6);
    return word >= words.length || (words[word] >>> (gpa >>> PAGE_SHIFT) & 1) != 0;
  }

  void written(long gpa, int length) {
    long last = gpa + length - 1 >>> PAGE_SHIFT;
    for (long page = gpa >>> PAGE_SHIFT; page <= last; page++) {
      words[(int) (page >>> 6)] |= 1L << page;
    }
  }

  /** Gives the dirty pages in ascending order, and starts anew. */
  void drain(LongConsumer gpa) {
    for (int word = 0; word < words.length; word++) {
      for (long bits = words[word]; bits != 0; bits &= bits - 1) {
        gpa.accept((word * 64L + Long.numberOfTrailingZeros(bits)) << PAGE_SHIFT);
      }
    }
    Arrays.fill(words, 0);
  }
}
