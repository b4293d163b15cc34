// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import nestor.api.boot.LoadSegment;
import nestor.api.firmware.BoardDescription;
import nestor.api.firmware.Firmware;
import nestor.api.firmware.FirmwareTables;
import nestor.api.firmware.PciRoot;
import org.osgi.service.component.annotations.Component;

/** ACPI tables for a board, laid out one after the other in the BIOS area. */
@Component
public final class AcpiFirmware implements Firmware {
  private static final long AREA = 0xE_0000;
  private static final long AREA_END = 0x10_0000;
  private static final int RSDP_BYTES = 36;
  private static final int RSDP_FIRST_PART = 20;
  private static final int FACS_BYTES = 64;

  /** Revision 1, three comparators, 64 bits wide, able to replace PIT and RTC, vendor 8086h. */
  private static final int HPET_BLOCK_ID = 0x8086_A201;

  /** As many as the BIOS area has room for, and more than any machine has. */
  private static final int MAX_CPUS = 1024;

  private static final int HPET_MIN_TICK = 0x80;

  @Override
  public FirmwareTables tables(BoardDescription board) {
    check(board);
    Area area = new Area(AREA + RSDP_BYTES);
    long facs = area.put("FACS", 64, facs());
    long dsdt = area.put("DSDT", 16, Dsdt.bytes(board));
    List<Long> described = new ArrayList<>();
    described.add(area.put("FACP", 16, Fadt.bytes(board, facs, dsdt)));
    described.add(area.put("APIC", 16, Madt.bytes(board)));
    if (board.pci().isPresent() && board.pci().get().ecamGpa() != 0) {
      described.add(area.put("MCFG", 16, mcfg(board.pci().get())));
    }
    if (board.hpetGpa().isPresent()) {
      described.add(area.put("HPET", 16, hpet(board.hpetGpa().getAsLong())));
    }
    Table narrow = new Table("RSDT", 1);
    Table wide = new Table("XSDT", 1);
    for (long gpa : described) {
      narrow.u32(gpa);
      wide.u64(gpa);
    }
    long rsdt = area.put("RSDT", 16, narrow.bytes());
    long xsdt = area.put("XSDT", 16, wide.bytes());
    area.segments.add(new LoadSegment("RSDP", AREA, rsdp(rsdt, xsdt)));
    area.segments.sort(Comparator.comparingLong(LoadSegment::gpa));
    return new FirmwareTables(area.segments, AREA);
  }

  private static void check(BoardDescription board) {
    if (board.powerBase().isEmpty()) {
      throw new IllegalArgumentException(
          "ACPI needs the PM1 registers: add a device of type acpipm or go without ACPI tables");
    }
    if (board.apicIds().isEmpty()
        || new HashSet<>(board.apicIds()).size() != board.apicIds().size()) {
      throw new IllegalArgumentException("APIC ids must differ: " + board.apicIds());
    }
    if (board.apicIds().size() > MAX_CPUS) {
      throw new IllegalArgumentException("at most " + MAX_CPUS + " vCPUs can be described");
    }
    if (board.serialPorts().size() > 9) {
      throw new IllegalArgumentException("at most 9 serial ports can be described");
    }
  }

  private static byte[] rsdp(long rsdt, long xsdt) {
    byte[] bytes = new byte[RSDP_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RSD PTR ".getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    out.put("NESTOR".getBytes(StandardCharsets.US_ASCII)).put((byte) 2);
    out.putInt((int) rsdt).putInt(RSDP_BYTES).putLong(xsdt);
    bytes[8] = Table.checksum(bytes, RSDP_FIRST_PART);
    bytes[32] = Table.checksum(bytes, RSDP_BYTES);
    return bytes;
  }

  /** Shared with the operating system and so without a checksum. */
  private static byte[] facs() {
    byte[] bytes = new byte[FACS_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.put("FACS".getBytes(StandardCharsets.US_ASCII)).putInt(FACS_BYTES);
    out.put(32, (byte) 2);
    return bytes;
  }

  private static byte[] mcfg(PciRoot root) {
    Table table = new Table("MCFG", 1).u64(0);
    return table.u64(root.ecamGpa()).u16(0).u8(0).u8(root.buses() - 1).u32(0).bytes();
  }

  private static byte[] hpet(long gpa) {
    Table table = new Table("HPET", 1).u32(HPET_BLOCK_ID).memoryRegister(gpa, 64);
    return table.u8(0).u16(HPET_MIN_TICK).u8(0).bytes();
  }

  /** Memory that is filled from its beginning. */
  private static final class Area {
    private final List<LoadSegment> segments = new ArrayList<>();
    private long next;

    Area(long start) {
      next = start;
    }

    long put(String what, long alignment, byte[] data) {
      long gpa = (next + alignment - 1) & -alignment;
      next = gpa + data.length;
      if (next > AREA_END) {
        throw new IllegalStateException(what + " does not fit into the BIOS area");
      }
      segments.add(new LoadSegment(what, gpa, data));
      return gpa;
    }
  }
}
