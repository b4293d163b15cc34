// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

import nestor.vcpu.Mem;

/** AVX-512 permutations: two tables, alignment across lanes, 128-bit blocks, compression. */
public final class Relocate {
  private Relocate() {}

  /** VPERMI2, VPERMT2: elements of {@code a} or, with the next index bit set, of {@code b}. */
  public static void twoTables(long t, long index, long a, long b, int size, int bytes) {
    int count = bytes / size;
    for (int k = 0; k < bytes; k += size) {
      int choice = (int) Mem.get(index + k, size) & (2 * count - 1);
      long from = choice < count ? a : b;
      Mem.put(t + k, size, Mem.get(from + (long) (choice & (count - 1)) * size, size));
    }
  }

  /** VALIGND, VALIGNQ: {@code a} over {@code b}, shifted right by elements. */
  public static void align(long t, long a, long b, int shift, int size, int bytes) {
    int count = bytes / size;
    for (int k = 0; k < count; k++) {
      int from = k + (shift & (count - 1));
      long source = from < count ? b : a;
      Mem.put(t + (long) k * size, size, Mem.get(source + (long) (from & count - 1) * size, size));
    }
  }

  /** VSHUFF32X4 and its kin: blocks of 128 bits, the lower half from {@code a}. */
  public static void blocks(long t, long a, long b, int imm, int bytes) {
    int count = bytes / 16;
    int bits = count == 4 ? 2 : 1;
    for (int k = 0; k < count; k++) {
      int choice = imm >> (k * bits) & (count - 1);
      Mem.copy((k < count / 2 ? a : b) + 16L * choice, t + 16L * k, 16);
    }
  }

  /** {@return the bytes of the elements whose bit is set, after moving them to the low end} */
  public static int compress(long t, long a, long lanes, int size, int count) {
    int at = 0;
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        Mem.put(t + at, size, Mem.get(a + (long) k * size, size));
        at += size;
      }
    }
    return at;
  }

  /** Moves elements from the low end to those whose bit is set; the others stay. */
  public static void expand(long t, long a, long lanes, int size, int count) {
    int at = 0;
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        Mem.put(t + (long) k * size, size, Mem.get(a + at, size));
        at += size;
      }
    }
  }

  /** VPMOVQB and its kin: elements cut to {@code to} bytes. */
  public static void truncate(long t, long a, int from, int to, int bytes) {
    for (int k = 0; k < bytes / from; k++) {
      Mem.put(t + (long) k * to, to, Mem.get(a + (long) k * from, to));
    }
  }

  /** VPMOVSQB and its kin: signed elements held at the limits of {@code to} signed bytes. */
  public static void saturateSigned(long t, long a, int from, int to, int bytes) {
    int drop = 64 - 8 * from;
    long max = (1L << (8 * to - 1)) - 1;
    for (int k = 0; k < bytes / from; k++) {
      long value = Mem.get(a + (long) k * from, from) << drop >> drop;
      Mem.put(t + (long) k * to, to, Math.clamp(value, ~max, max));
    }
  }

  /** VPMOVUSQB and its kin: unsigned elements held at the largest of {@code to} bytes. */
  public static void saturateUnsigned(long t, long a, int from, int to, int bytes) {
    long max = (1L << (8 * to)) - 1;
    for (int k = 0; k < bytes / from; k++) {
      long value = Mem.get(a + (long) k * from, from);
      Mem.put(t + (long) k * to, to, Long.compareUnsigned(value, max) > 0 ? max : value);
    }
  }

  /** VPMOVM2B and its kin: elements of ones where the bit is set, else of zeros. */
  public static void spread(long t, long lanes, int size, int bytes) {
    for (int k = 0; k < bytes / size; k++) {
      Mem.put(t + (long) k * size, size, -(lanes >>> k & 1));
    }
  }
}
