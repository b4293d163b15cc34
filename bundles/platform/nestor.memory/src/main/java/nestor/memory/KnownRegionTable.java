// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.Map;
import java.util.TreeMap;

/**
 * Names of what sits where on a PC, for accesses that nothing answers: they are counted by name, so
 * that a missing device is visible. The first row that contains an address names it.
 */
final class KnownRegionTable {
  private record Row(long first, long last, String name) {}

  private static final Row[] PORTS = {
    new Row(0x00, 0x0F, "dma1"),
    new Row(0x20, 0x21, "pic.master"),
    new Row(0x2E, 0x2F, "superio"),
    new Row(0x40, 0x43, "pit"),
    new Row(0x4E, 0x4F, "superio"),
    new Row(0x60, 0x60, "keyboard.data"),
    new Row(0x61, 0x61, "system.control.b"),
    new Row(0x64, 0x64, "keyboard.command"),
    new Row(0x70, 0x77, "rtc"),
    new Row(0x80, 0x80, "post"),
    new Row(0x81, 0x8F, "dma.page"),
    new Row(0x92, 0x92, "system.control.a"),
    new Row(0xA0, 0xA1, "pic.slave"),
    new Row(0xB2, 0xB3, "apm"),
    new Row(0xC0, 0xDF, "dma2"),
    new Row(0xE9, 0xE9, "debug.console"),
    new Row(0xED, 0xED, "io.delay"),
    new Row(0xF0, 0xF1, "fpu"),
    new Row(0x170, 0x177, "ide.secondary"),
    new Row(0x1F0, 0x1F7, "ide.primary"),
    new Row(0x200, 0x20F, "game"),
    new Row(0x220, 0x22F, "sound"),
    new Row(0x278, 0x27F, "lpt2"),
    new Row(0x2E8, 0x2EF, "com4"),
    new Row(0x2F8, 0x2FF, "com2"),
    new Row(0x330, 0x331, "midi"),
    new Row(0x376, 0x376, "ide.secondary"),
    new Row(0x378, 0x37F, "lpt1"),
    new Row(0x388, 0x38B, "sound"),
    new Row(0x3B0, 0x3BB, "vga"),
    new Row(0x3BC, 0x3BF, "lpt3"),
    new Row(0x3C0, 0x3DF, "vga"),
    new Row(0x3E8, 0x3EF, "com3"),
    new Row(0x3F6, 0x3F6, "ide.primary"),
    new Row(0x3F0, 0x3F7, "floppy"),
    new Row(0x3F8, 0x3FF, "com1"),
    new Row(0x4D0, 0x4D1, "pic.elcr"),
    new Row(0x501, 0x501, "test.exit"),
    new Row(0x510, 0x51B, "fw_cfg"),
    new Row(0x600, 0x67F, "acpi"),
    new Row(0xA79, 0xA79, "isapnp"),
    new Row(0xAE00, 0xAE1F, "acpi.hotplug"),
    new Row(0xAF00, 0xAF1F, "cpu.hotplug"),
    new Row(0xB000, 0xB0FF, "acpi"),
    new Row(0xCF8, 0xCFF, "pci.configuration"),
    new Row(0x5658, 0x5659, "vmware.backdoor"),
    new Row(0, 0xFFFF, "ports.other"),
  };

  private static final Row[] MEMORY = {
    new Row(0xA0000, 0xBFFFF, "vga.memory"),
    new Row(0xFEC0_0000L, 0xFEC0_0FFFL, "ioapic"),
    new Row(0xFED0_0000L, 0xFED0_03FFL, "hpet"),
    new Row(0xFED4_0000L, 0xFED4_4FFFL, "tpm"),
    new Row(0xFED8_0000L, 0xFED9_FFFFL, "iommu"),
    new Row(0xFEE0_0000L, 0xFEEF_FFFFL, "local.apic"),
    new Row(0xFFC0_0000L, 0xFFFF_FFFFL, "firmware.flash"),
    new Row(0xB000_0000L, 0xDFFF_FFFFL, "pci.hole"),
    new Row(0xE000_0000L, 0xEFFF_FFFFL, "pci.ecam"),
    new Row(0xF000_0000L, 0xFEBF_FFFFL, "pci.hole"),
    new Row(0, 0xFFFF_FFFFL, "memory.below4g"),
    new Row(0, Long.MAX_VALUE, "memory.above4g"),
  };

  private final byte[] portRow = new byte[0x1_0000];
  private final long[] portCounts = new long[PORTS.length];
  private final long[] memoryCounts = new long[MEMORY.length];

  KnownRegionTable() {
    for (int row = PORTS.length - 1; row >= 0; row--) {
      for (long port = PORTS[row].first; port <= PORTS[row].last; port++) {
        portRow[(int) port] = (byte) row;
      }
    }
  }

  void countPort(int port) {
    portCounts[portRow[port]]++;
  }

  void countMemory(long gpa) {
    int row = 0;
    while (row < MEMORY.length - 1 && (gpa < MEMORY[row].first || gpa > MEMORY[row].last)) {
      row++;
    }
    memoryCounts[row]++;
  }

  Map<String, Long> counts() {
    Map<String, Long> result = new TreeMap<>();
    add(result, PORTS, portCounts);
    add(result, MEMORY, memoryCounts);
    return result;
  }

  private static void add(Map<String, Long> result, Row[] rows, long[] counts) {
    for (int i = 0; i < rows.length; i++) {
      if (counts[i] != 0) {
        result.merge(rows[i].name, counts[i], Long::sum);
      }
    }
  }
}
