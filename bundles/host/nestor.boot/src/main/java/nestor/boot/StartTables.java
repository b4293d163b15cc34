// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import nestor.api.boot.BootException;
import nestor.api.boot.CpuStart;

/**
 * Descriptor table and page tables that a kernel is entered with.
 *
 * <p>The selectors are those that the Linux boot protocol asks for; Multiboot and PVH leave them
 * open ("The Linux/x86 Boot Protocol", "32-bit Boot Protocol").
 */
final class StartTables {
  static final int CODE_SELECTOR = 0x10;
  static final int DATA_SELECTOR = 0x18;
  private static final int GDT_BYTES = 4 * 8;
  private static final int PAGE = 0x1000;

  /** Four page directories of 512 pages of 2 MiB map 4 GiB. */
  private static final int DIRECTORIES = 4;

  // Flat, present, ring 0, accessed; limit FFFFFh in pages (SDM vol. 3A, "Segment Descriptors").
  private static final long CODE32 = 0x00CF_9B00_0000_FFFFL;
  private static final long CODE64 = 0x00AF_9B00_0000_FFFFL;
  private static final long DATA = 0x00CF_9300_0000_FFFFL;
  private static final int PRESENT_WRITABLE = 3;
  private static final int PAGE_SIZE_BIT = 0x80;

  private StartTables() {}

  /** Puts the tables of 32-bit flat protected mode somewhere low. */
  static Entry protected32(Placement placement, long floor) throws BootException {
    return new Entry(CpuStart.Mode.PROTECTED32, gdt(placement, floor, CODE32), 0);
  }

  /** Puts the tables of 64-bit mode with the first 4 GiB mapped one to one somewhere low. */
  static Entry long64(Placement placement, long floor) throws BootException {
    long gdtGpa = gdt(placement, floor, CODE64);
    int bytes = (2 + DIRECTORIES) * PAGE;
    long root = low(placement, bytes, floor, PAGE, "start page tables");
    placement.put("start page tables", root, pageTables(root, bytes));
    return new Entry(CpuStart.Mode.LONG64, gdtGpa, root);
  }

  private static byte[] pageTables(long root, int bytes) {
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(0, root + PAGE + PRESENT_WRITABLE);
    for (int i = 0; i < DIRECTORIES; i++) {
      out.putLong(PAGE + 8 * i, root + (2L + i) * PAGE + PRESENT_WRITABLE);
    }
    for (int i = 0; i < DIRECTORIES * 512; i++) {
      out.putLong(2 * PAGE + 8 * i, ((long) i << 21) + PAGE_SIZE_BIT + PRESENT_WRITABLE);
    }
    return out.array();
  }

  private static long gdt(Placement placement, long floor, long code) throws BootException {
    ByteBuffer out = ByteBuffer.allocate(GDT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(CODE_SELECTOR, code).putLong(DATA_SELECTOR, DATA);
    long gpa = low(placement, GDT_BYTES, floor, 16, "start descriptor table");
    placement.put("start descriptor table", gpa, out.array());
    return gpa;
  }

  /** Finds room for something small, below 640 KiB if there is some. */
  static long low(Placement placement, long length, long floor, long alignment, String what)
      throws BootException {
    return placement
        .lowest(length, floor, alignment)
        .orElseThrow(
            () ->
                new BootException(
                    "There is no room for %d bytes of %s (%s); give the machine more memory."
                        .formatted(length, what, placement.ramText())));
  }

  /** How a kernel is entered, but for its registers. */
  record Entry(CpuStart.Mode mode, long gdtGpa, long cr3) {

    CpuStart at(long rip, long rax, long rbx, long rsi) {
      return new CpuStart(
          mode,
          CODE_SELECTOR,
          DATA_SELECTOR,
          rip,
          0,
          rax,
          rbx,
          0,
          0,
          rsi,
          0,
          0,
          cr3,
          gdtGpa,
          GDT_BYTES - 1);
    }
  }
}
