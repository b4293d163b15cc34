// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/**
 * PCMPESTRI and its relatives (SDM vol. 1, "String and Text Processing"): compares two strings of
 * bytes or words held in vectors. {@code a} is the first operand, {@code b} the second.
 */
public final class StringCompare {
  private StringCompare() {}

  /** {@return number of elements of a vector: 16 bytes or 8 words} */
  public static int elements(int control) {
    return (control & 1) != 0 ? 8 : 16;
  }

  /** {@return elements before the first zero} */
  public static int implicitLength(long string, int control) {
    int n = elements(control);
    for (int k = 0; k < n; k++) {
      if (element(string, k, control) == 0) {
        return k;
      }
    }
    return n;
  }

  /** {@return the magnitude of an explicit length, held at the number of elements} */
  public static int explicitLength(long length, int control) {
    long n = elements(control);
    // The magnitude of the most negative value is unsigned.
    long magnitude = Math.abs(length);
    return (int) (magnitude < 0 || magnitude > n ? n : magnitude);
  }

  private static int element(long string, int k, int control) {
    return switch (control & 3) {
      case 0 -> Mem.getByte(string + k) & 0xFF;
      case 1 -> Mem.getShort(string + 2L * k) & 0xFFFF;
      case 2 -> Mem.getByte(string + k);
      default -> Mem.getShort(string + 2L * k);
    };
  }

  /** {@return IntRes2: one bit for each element of {@code b}} */
  public static int compare(long a, int lengthA, long b, int lengthB, int control) {
    int n = elements(control);
    int all = (1 << n) - 1;
    int result =
        switch (control >> 2 & 3) {
          case 0 -> equalAny(a, lengthA, b, lengthB, control);
          case 1 -> ranges(a, lengthA, b, lengthB, control);
          case 2 -> equalEach(a, lengthA, b, lengthB, control);
          default -> equalOrdered(a, lengthA, b, lengthB, control);
        };
    return switch (control >> 4 & 3) {
      case 1 -> result ^ all;
      case 3 -> result ^ (1 << lengthB) - 1; // only valid elements of b are negated
      default -> result;
    };
  }

  private static int equalAny(long a, int lengthA, long b, int lengthB, int control) {
    int r = 0;
    for (int j = 0; j < lengthB; j++) {
      int x = element(b, j, control);
      for (int k = 0; k < lengthA; k++) {
        r |= element(a, k, control) == x ? 1 << j : 0;
      }
    }
    return r;
  }

  private static int ranges(long a, int lengthA, long b, int lengthB, int control) {
    int r = 0;
    for (int j = 0; j < lengthB; j++) {
      int x = element(b, j, control);
      for (int k = 0; k + 1 < lengthA; k += 2) {
        boolean inside = x >= element(a, k, control) && x <= element(a, k + 1, control);
        r |= inside ? 1 << j : 0;
      }
    }
    return r;
  }

  private static int equalEach(long a, int lengthA, long b, int lengthB, int control) {
    int r = 0;
    for (int k = 0; k < elements(control); k++) {
      boolean validA = k < lengthA;
      boolean validB = k < lengthB;
      boolean equal =
          validA && validB ? element(a, k, control) == element(b, k, control) : validA == validB;
      r |= equal ? 1 << k : 0;
    }
    return r;
  }

  /** The end of {@code a} matches anything; the end of {@code b} only that. */
  private static int equalOrdered(long a, int lengthA, long b, int lengthB, int control) {
    int n = elements(control);
    int r = 0;
    for (int j = 0; j < n; j++) {
      boolean match = true;
      for (int k = 0; k < lengthA && j + k < n && match; k++) {
        match = j + k < lengthB && element(a, k, control) == element(b, j + k, control);
      }
      r |= match ? 1 << j : 0;
    }
    return r;
  }

  /** {@return the index of the first or last bit of {@code result}, or the number of elements} */
  public static int index(int result, int control) {
    if (result == 0) {
      return elements(control);
    }
    return (control & 0x40) != 0
        ? 31 - Integer.numberOfLeadingZeros(result)
        : Integer.numberOfTrailingZeros(result);
  }

  /** Stores {@code result} as a bit mask, or spread over the elements. */
  public static void mask(long t, int result, int control) {
    Mem.putLong(t, (control & 0x40) != 0 ? 0 : result);
    Mem.putLong(t + 8, 0);
    if ((control & 0x40) != 0) {
      int size = (control & 1) + 1;
      for (int k = 0; k < elements(control); k++) {
        Mem.put(t + (long) k * size, size, (result >> k & 1) != 0 ? -1 : 0);
      }
    }
  }
}
