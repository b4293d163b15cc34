// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Layout of the fast tables: direct-mapped caches of the architectural TLB, read by engines inline.
 *
 * <p>A context has four tables, one a view. An entry has four longs: the linear page for reads and
 * for writes, or {@link #noTag}; the key for fetches, or {@link #NO_FETCH}; and the host address of
 * the page. Only ordinary RAM stands in them; a page for which writes need attention (code, dirty
 * log, watchpoint) has no write tag. One compare of {@code (linear + size - 1) & PAGE} with the tag
 * covers presence, permission and page crossing.
 *
 * <p>The fetch key names both pages, so that one compare tells an engine that a jump still leads to
 * the code it knows: linear address bits 56:21 (the place in the table tells bits 20:12), then bits
 * 39:12 of the guest-physical address.
 */
public final class FastTable {
  private FastTable() {}

  /** Entries of one table; a power of two. */
  public static final int ENTRIES = 8192;

  /** Bytes of one entry. */
  public static final int ENTRY_BYTES = 32;

  /** Bytes of one table. */
  public static final int BYTES = ENTRIES * ENTRY_BYTES;

  /** Offset of the read tag in an entry. */
  public static final int READ = 0;

  /** Offset of the write tag. */
  public static final int WRITE = 8;

  /** Offset of the fetch key. */
  public static final int FETCH = 16;

  /** Offset of the host address of the page. */
  public static final int HOST = 24;

  private static final long NO_TAG = 1;

  /** A fetch key that no address has: RAM does not reach up to its page. */
  public static final long NO_FETCH = -1;

  private static final int GPA_PAGE_BITS = 28;
  private static final long GPA_PAGES = (1L << GPA_PAGE_BITS) - 1;

  /** Mask that leaves the page of an address. */
  public static final long PAGE = -4096;

  /** View: CPL 3. */
  public static final int USER = 0;

  /** View: CPL below 3, SMAP in force. */
  public static final int SUPERVISOR = 1;

  /** View: CPL below 3, user pages allowed by RFLAGS.AC. */
  public static final int SUPERVISOR_AC = 2;

  /** View: CPL 3 with alignment checks; without read and write tags, so that all are checked. */
  public static final int USER_ALIGNED = 3;

  /** Number of views, and so of tables, a context has. */
  public static final int VIEWS = 4;

  private static final long CR0_AM = 1 << 18;

  /** {@return address of the entry for a linear address in the table at {@code table}} */
  public static long entry(long table, long linear) {
    return table + ((linear >>> 7) & ((ENTRIES - 1L) << 5));
  }

  /**
   * {@return a tag that no access to the entry matches} Bit 12 is not that of the pages whose place
   * this is: engines compare by exclusive or, where the low bits alone would let page 0 through.
   */
  public static long noTag(long entry) {
    return NO_TAG | ~entry << 7 & 0x1000;
  }

  /** {@return whether a tag is one of {@link #noTag}} */
  public static boolean isNoTag(long tag) {
    return (tag & NO_TAG) != 0;
  }

  /** {@return the host address of a linear address that has passed the tag of {@code entry}} */
  public static long host(long entry, long linear) {
    return Mem.getLong(entry + HOST) + (linear & ~PAGE);
  }

  /** {@return the fetch key of a translation, or {@link #NO_FETCH} if it can have none} */
  public static long fetchKey(long linear, long gpa) {
    long page = gpa >>> 12;
    return page < GPA_PAGES ? linear >>> 21 << GPA_PAGE_BITS | page : NO_FETCH;
  }

  /** {@return the guest-physical address of a fetch, or -1 if the key is of another page} */
  public static long fetch(long key, long linear) {
    return key != NO_FETCH && (key >>> GPA_PAGE_BITS) == (linear << 7 >>> 28)
        ? (key & GPA_PAGES) << 12 | linear & ~PAGE
        : -1;
  }

  /** {@return the view in force} */
  public static int view(long state) {
    boolean ac = (Mem.getLong(state + State.RFLAGS) & Flags.AC) != 0;
    if (Mem.getLong(state + State.CPL) == 3) {
      return ac && (Mem.getLong(state + State.CR0) & CR0_AM) != 0 ? USER_ALIGNED : USER;
    }
    return ac ? SUPERVISOR_AC : SUPERVISOR;
  }

  /** Makes the fast table of the view in force current: after a change of CPL or RFLAGS.AC. */
  public static void select(long state) {
    long context = Mem.getLong(state + State.CONTEXT);
    Mem.putLong(state + State.FAST_TABLE, context + (long) view(state) * BYTES);
  }
}
