// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.FastTable;

/**
 * What an access may do with a page, by view (SDM vol. 3A, "Determination of Access Rights" and
 * "Protection Keys"). Rights are bits, one for each kind of access.
 */
final class Rights {
  static final int READ = 1;
  static final int WRITE = 2;
  static final int FETCH = 4;

  private final byte[] byView = new byte[FastTable.VIEWS << 3];
  private boolean keys;
  private boolean writeProtect;
  private long pkru;
  private long bits;

  /** Recomputes. True if any right changed. */
  boolean update(PagingMode mode, long newPkru) {
    boolean changed = keys != mode.keys || keys && (pkru != newPkru);
    changed |= writeProtect != mode.writeProtect;
    keys = mode.keys;
    pkru = newPkru;
    bits = mode.rightsBits();
    writeProtect = mode.writeProtect;
    for (int view = 0; view < FastTable.VIEWS; view++) {
      for (int permissions = 0; permissions <= Entry.PERMISSIONS; permissions++) {
        byte rights =
            (byte) (isUser(view) ? user(permissions) : supervisor(mode, view, permissions));
        changed |= byView[view << 3 | permissions] != rights;
        byView[view << 3 | permissions] = rights;
      }
    }
    return changed;
  }

  static boolean isUser(int view) {
    return view == FastTable.USER || view == FastTable.USER_ALIGNED;
  }

  private static int user(int permissions) {
    if ((permissions & Entry.USER) == 0) {
      return 0;
    }
    return READ
        | ((permissions & Entry.WRITABLE) != 0 ? WRITE : 0)
        | ((permissions & Entry.NO_EXECUTE) == 0 ? FETCH : 0);
  }

  private static int supervisor(PagingMode mode, int view, int permissions) {
    boolean userPage = (permissions & Entry.USER) != 0;
    boolean data = !userPage || !mode.smap || view == FastTable.SUPERVISOR_AC;
    boolean write = !mode.writeProtect || (permissions & Entry.WRITABLE) != 0;
    boolean fetch = (permissions & Entry.NO_EXECUTE) == 0 && !(userPage && mode.smep);
    return (data ? READ : 0) | (data && write ? WRITE : 0) | (fetch ? FETCH : 0);
  }

  /** {@return a number for these rights: the same exactly if they are the same} */
  long number() {
    return pkru & 0xFFFF_FFFFL | (keys ? 1L << 32 : 0) | bits << 33;
  }

  /** {@return the accesses that a page allows in a view} */
  int of(long entry, int view) {
    return ofGuest(entry, view) & ~Entry.denied(entry);
  }

  /** {@return the accesses that the guest's own tables allow} */
  int ofGuest(long entry, int view) {
    int rights = byView[view << 3 | (int) entry & Entry.PERMISSIONS];
    return keys && (entry & Entry.USER) != 0 ? rights & ~deniedByKey(entry, view) : rights;
  }

  /** {@return the data accesses that PKRU denies on a user page} */
  private int deniedByKey(long entry, int view) {
    int bits = (int) (pkru >>> 2 * Entry.key(entry)) & 3;
    if ((bits & 1) != 0) {
      return READ | WRITE;
    }
    return bits != 0 && (isUser(view) || writeProtect) ? WRITE : 0;
  }

  /** {@return whether the PK bit of a page fault's error code is set} */
  boolean isKeyViolation(long entry, int access, int view) {
    return keys && (entry & Entry.USER) != 0 && (deniedByKey(entry, view) & access) != 0;
  }
}
