// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** A 256-bit register of interrupt vectors: IRR, ISR or TMR. */
final class Vectors {
  private final long[] words = new long[4];

  void set(int vector) {
    words[vector >>> 6] |= 1L << vector;
  }

  void clear(int vector) {
    words[vector >>> 6] &= ~(1L << vector);
  }

  boolean has(int vector) {
    return (words[vector >>> 6] >>> vector & 1) != 0;
  }

  /** {@return the highest vector, or -1} */
  int highest() {
    for (int n = 3; n >= 0; n--) {
      if (words[n] != 0) {
        return (n << 6) + 63 - Long.numberOfLeadingZeros(words[n]);
      }
    }
    return -1;
  }

  /** {@return 32 of the bits, as register {@code n} of eight shows them} */
  int word(int n) {
    return (int) (words[n >>> 1] >>> ((n & 1) << 5));
  }

  void clearAll() {
    for (int n = 0; n < 4; n++) {
      words[n] = 0;
    }
  }

  long[] save() {
    return words.clone();
  }

  void restore(long[] saved) {
    System.arraycopy(saved, 0, words, 0, 4);
  }
}
