// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import nestor.vcpu.Mem;

/**
 * Where things lie: the linear windows of VECTORS.md, and physical memory behind them with the
 * descriptor tables and handlers that take exceptions at privilege level 0.
 *
 * <p>The windows lie at the physical addresses that are their linear ones, so that real mode, which
 * has no paging, finds them too.
 */
public final class Layout {
  private Layout() {}

  /** The data window. */
  public static final long DATA = 0x1000_0000L;

  /** Its length. */
  public static final int DATA_BYTES = 0x2000;

  /** The page that can only be read. */
  public static final long READ_ONLY = 0x1000_4000L;

  /** The code window. */
  public static final long CODE = 0x2000_0000L;

  /** Its length. */
  public static final int CODE_BYTES = 0x1_0000;

  /** Where code starts unless a case says otherwise. */
  public static final long START = 0x2000_8000L;

  /** Linear base of the supervisor pages; physical page 0 lies there. */
  static final long SYSTEM = 0xFFFF_FF80_0000_0000L;

  static final long RAM = CODE + 0x10_0000;
  static final long PML4 = 0x1000;
  static final long GDT = 0x8000;
  static final long IDT = 0x9000;
  static final long TSS = 0xA000;
  static final long HANDLERS = 0xB000;
  static final long STACK_TOP = 0xE000;

  private static final long PRESENT_WRITE = 3;
  private static final long USER = 4;
  private static final long ACCESSED_DIRTY = 0x60;
  private static final long NO_EXECUTE = 1L << 63;

  /** Builds tables, handlers and the fill of the windows in RAM that starts at {@code ram}. */
  static void build(long ram) {
    pages(ram);
    descriptors(ram);
    Mem.fill(ram + HANDLERS, 0x1000, (byte) 0xF4); // every handler is HLT
    for (int n = 0; n < 256; n++) {
      Mem.putInt(ram + n * 4L, (int) HANDLERS >> 4 << 16 | n * 16); // real mode, segment and offset
    }
    Mem.fill(ram + CODE, CODE_BYTES, (byte) 0xCC);
  }

  private static void pages(long ram) {
    long table = PRESENT_WRITE | USER | ACCESSED_DIRTY;
    long low = 0x2000;
    long directory = 0x3000;
    long dataTable = 0x4000;
    long codeTable = 0x5000;
    long high = 0x6000;
    Mem.putLong(ram + PML4, low | table);
    Mem.putLong(ram + PML4 + 511 * 8, high | table);
    Mem.putLong(ram + low, directory | table);
    Mem.putLong(ram + directory + (DATA >> 21) * 8, dataTable | table);
    Mem.putLong(ram + directory + (CODE >> 21) * 8, codeTable | table);
    for (int n = 0; n < 2; n++) {
      Mem.putLong(ram + dataTable + n * 8L, (DATA + n * 4096L) | table | NO_EXECUTE);
    }
    Mem.putLong(ram + dataTable + 4 * 8, (READ_ONLY) | (table & ~2L) | NO_EXECUTE);
    for (int n = 0; n < CODE_BYTES / 4096; n++) {
      Mem.putLong(ram + codeTable + n * 8L, (CODE + n * 4096L) | table);
    }
    long directory2 = 0x7000;
    Mem.putLong(ram + high, directory2 | table);
    Mem.putLong(ram + directory2, PRESENT_WRITE | ACCESSED_DIRTY | 0x80); // 2 MiB, supervisor
  }

  /** Selectors as on the recording system: 33h user code, 2Bh user data; limit of 16 entries. */
  private static void descriptors(long ram) {
    Mem.putLong(ram + GDT + 0x08, 0x00AF_9B00_0000_FFFFL);
    Mem.putLong(ram + GDT + 0x10, 0x00CF_9300_0000_FFFFL);
    Mem.putLong(ram + GDT + 0x20, 0x00CF_FB00_0000_FFFFL);
    Mem.putLong(ram + GDT + 0x28, 0x00CF_F300_0000_FFFFL);
    Mem.putLong(ram + GDT + 0x30, 0x00AF_FB00_0000_FFFFL);
    Mem.putLong(ram + TSS + 4, SYSTEM + STACK_TOP); // RSP0
    Mem.putShort(ram + TSS + 0x66, (short) 0x68); // beyond the limit: no port is allowed
    for (int n = 0; n < 256; n++) {
      long handler = handler(n);
      int dpl = n == 1 || n == 3 || n == 4 ? 3 : 0;
      Mem.putLong(
          ram + IDT + n * 16L,
          (handler & 0xFFFF)
              | 0x8L << 16
              | (0x8E00L | dpl << 13) << 32
              | (handler >>> 16 & 0xFFFF) << 48);
      Mem.putLong(ram + IDT + n * 16L + 8, handler >>> 32);
    }
  }

  static long handler(int vector) {
    return SYSTEM + HANDLERS + vector * 16L;
  }

  /** The byte that a window holds at an offset unless a vector says otherwise. */
  public static byte fill(int offset) {
    return (byte) (offset * 0x9D + (offset >> 8) * 0x3B + 0x5A);
  }
}
