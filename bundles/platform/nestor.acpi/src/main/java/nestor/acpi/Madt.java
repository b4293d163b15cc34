// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import nestor.api.firmware.BoardDescription;

/** The MADT: interrupt controllers (ACPI 6.5, "Multiple APIC Description Table"). */
final class Madt {
  private static final int REVISION = 5;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final int PCAT_COMPAT = 1;
  private static final int ENABLED = 1;

  /** The largest id that a local APIC entry holds; 255 means all of them. */
  private static final int LARGEST_XAPIC_ID = 254;

  private static final int LEVEL_ACTIVE_HIGH = 0x000D;
  private static final int AS_THE_BUS = 0;

  private Madt() {}

  static byte[] bytes(BoardDescription board) {
    Table table = new Table("APIC", REVISION);
    table.u32(LOCAL_APIC).u32(board.pic() ? PCAT_COMPAT : 0);
    boolean wideIds = false;
    for (int i = 0; i < board.apicIds().size(); i++) {
      int id = board.apicIds().get(i);
      if (id <= LARGEST_XAPIC_ID && i < LARGEST_XAPIC_ID) {
        table.u8(0).u8(8).u8(i).u8(id).u32(ENABLED);
      } else {
        table.u8(9).u8(16).u16(0).u32(id).u32(ENABLED).u32(i);
        wideIds = true;
      }
    }
    if (board.ioapic().isPresent()) {
      BoardDescription.IoApic ioapic = board.ioapic().get();
      table.u8(1).u8(12).u8(ioapic.id()).u8(0).u32(ioapic.gpa()).u32(0);
      override(table, 0, 2, AS_THE_BUS);
      override(table, board.sciIrq(), board.sciIrq(), LEVEL_ACTIVE_HIGH);
    }
    // NMI comes in at LINT1 of every local APIC.
    table.u8(4).u8(6).u8(0xFF).u16(AS_THE_BUS).u8(1);
    if (wideIds) {
      table.u8(10).u8(12).u16(AS_THE_BUS).u32(0xFFFF_FFFFL).u8(1).zeros(3);
    }
    return table.bytes();
  }

  private static void override(Table table, int irq, int gsi, int flags) {
    table.u8(2).u8(10).u8(0).u8(irq).u32(gsi).u16(flags);
  }
}
