// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

/**
 * A translation of one 4 KiB page in a long: the page's frame, in its low twelve bits what all
 * levels of the walk together allow, above the frame what second-level tables deny. Never 0.
 */
final class Entry {
  private Entry() {}

  /** Writable at every level. */
  static final int WRITABLE = 1;

  /** User at every level. */
  static final int USER = 2;

  /** No-execute at some level. */
  static final int NO_EXECUTE = 4;

  /** The three bits above, the index of the table of rights. */
  static final int PERMISSIONS = 7;

  /** The D bit of the leaf is set. */
  static final int DIRTY = 8;

  /** Global. */
  static final int GLOBAL = 0x10;

  /** Lowest bit of the protection key. */
  static final int KEY_SHIFT = 5;

  /** Lowest bit of the size: 0 4 KiB, 1 2 MiB, 2 1 GiB; a 4 MiB page is cached in halves. */
  static final int SIZE_SHIFT = 9;

  /** Always set. */
  static final int PRESENT = 0x800;

  /** The page frame. */
  static final long FRAME = (1L << 52) - 4096;

  /** Lowest bit of what second-level tables deny: bits of {@link Rights}. */
  static final int DENIED_SHIFT = 52;

  static int denied(long entry) {
    return (int) (entry >>> DENIED_SHIFT) & 7;
  }

  static int size(long entry) {
    return (int) entry >>> SIZE_SHIFT & 3;
  }

  static int key(long entry) {
    return (int) entry >>> KEY_SHIFT & 15;
  }
}
