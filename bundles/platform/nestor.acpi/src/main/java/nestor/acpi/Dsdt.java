// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import java.util.Locale;
import nestor.api.firmware.BoardDescription;
import nestor.api.firmware.PciRoot;
import nestor.api.firmware.SerialPort;

/** The DSDT: devices that an operating system cannot find by itself. */
final class Dsdt {
  private static final int PRESENT = 0x0F;
  private static final int PCI_SLOTS = 32;
  private static final int PINS = 4;

  /** PCI interrupts take the IOAPIC inputs after those of the ISA lines. */
  private static final int FIRST_PCI_GSI = 16;

  private static final int CONFIG_PORTS = 0xCF8;
  private static final int CONFIG_PORT_COUNT = 8;
  private static final long VIDEO_MEMORY = 0xA_0000;
  private static final long VIDEO_MEMORY_LAST = 0xB_FFFF;
  private static final long HPET_LENGTH = 0x400;
  private static final int SLEEP_TYPE_S5 = 0;

  private Dsdt() {}

  static byte[] bytes(BoardDescription board) {
    Aml aml = new Aml();
    aml.scope("\\_SB", system -> system(system, board));
    aml.name("\\_S5")
        .packageOf(4, p -> p.integer(SLEEP_TYPE_S5).integer(SLEEP_TYPE_S5).integer(0).integer(0));
    return new Table("DSDT", 2).raw(aml.bytes()).bytes();
  }

  private static void system(Aml aml, BoardDescription board) {
    for (int i = 0; i < board.apicIds().size(); i++) {
      int uid = i;
      aml.device(
          String.format(Locale.ROOT, "C%03X", i),
          cpu -> cpu.name("_HID", "ACPI0007").name("_UID", uid));
    }
    if (board.pci().isPresent()) {
      PciRoot root = board.pci().get();
      aml.device(
          "PCI0",
          pci -> {
            bridge(pci, root, board);
            isaDevices(pci, board);
          });
      reserve(aml, root);
    } else {
      isaDevices(aml, board);
    }
  }

  private static void bridge(Aml aml, PciRoot root, BoardDescription board) {
    aml.eisaId("_HID", root.ecamGpa() != 0 ? "PNP0A08" : "PNP0A03");
    if (root.ecamGpa() != 0) {
      aml.eisaId("_CID", "PNP0A03");
    }
    aml.name("_UID", 0).name("_SEG", 0).name("_BBN", 0);
    Resources windows = new Resources().buses(0, root.buses() - 1);
    windows.ports(CONFIG_PORTS, CONFIG_PORT_COUNT);
    windows.portWindow(0, CONFIG_PORTS - 1);
    windows.portWindow(CONFIG_PORTS + CONFIG_PORT_COUNT, 0xFFFF);
    windows.memoryWindow(VIDEO_MEMORY, VIDEO_MEMORY_LAST);
    memoryWindows(windows, root);
    aml.name("_CRS").buffer(windows.bytes());
    if (board.ioapic().isPresent()) {
      aml.name("_PRT").packageOf(PCI_SLOTS * PINS, Dsdt::routes);
    }
  }

  /** What lies before and after configuration space, which is not handed out. */
  private static void memoryWindows(Resources windows, PciRoot root) {
    long next = root.memoryBase();
    if (root.ecamGpa() < root.memoryEnd() && root.ecamEnd() > next) {
      if (root.ecamGpa() > next) {
        windows.memoryWindow(next, root.ecamGpa() - 1);
      }
      next = root.ecamEnd();
    }
    if (next < root.memoryEnd()) {
      windows.memoryWindow(next, root.memoryEnd() - 1);
    }
  }

  /** Which interrupt each slot's pins lead to: neighbouring slots start one further on. */
  private static void routes(Aml aml) {
    for (int slot = 0; slot < PCI_SLOTS; slot++) {
      for (int pin = 0; pin < PINS; pin++) {
        long anyFunction = (long) slot << 16 | 0xFFFF;
        int pinNumber = pin;
        int gsi = FIRST_PCI_GSI + (slot + pin) % PINS;
        aml.packageOf(4, p -> p.integer(anyFunction).integer(pinNumber).integer(0).integer(gsi));
      }
    }
  }

  /** Keeps memory-mapped configuration space from being given to anybody. */
  private static void reserve(Aml aml, PciRoot root) {
    if (root.ecamGpa() != 0) {
      Resources ecam = new Resources().memory(root.ecamGpa(), root.ecamEnd() - root.ecamGpa());
      device(aml, "MBRD", "PNP0C02", 0, ecam);
    }
  }

  private static void isaDevices(Aml aml, BoardDescription board) {
    int number = 1;
    for (SerialPort port : board.serialPorts()) {
      Resources resources = new Resources().ports(port.base(), 8).irq(port.irq());
      device(aml, "COM" + number, "PNP0501", number, resources);
      number++;
    }
    if (board.keyboard()) {
      device(aml, "KBD", "PNP0303", 0, new Resources().ports(0x60, 1).ports(0x64, 1).irq(1));
    }
    if (board.mouse()) {
      device(aml, "MOU", "PNP0F13", 0, new Resources().irq(12));
    }
    if (board.rtc()) {
      device(aml, "RTC", "PNP0B00", 0, new Resources().ports(0x70, 2).irq(8));
    }
    if (board.pit()) {
      device(aml, "TMR", "PNP0100", 0, new Resources().ports(0x40, 4).irq(0));
      device(aml, "SPKR", "PNP0800", 0, new Resources().ports(0x61, 1));
    }
    if (board.pic()) {
      Resources ports = new Resources().ports(0x20, 2).ports(0xA0, 2).ports(0x4D0, 2).irq(2);
      device(aml, "PIC", "PNP0000", 0, ports);
    }
    if (board.hpetGpa().isPresent()) {
      Resources registers = new Resources().memory(board.hpetGpa().getAsLong(), HPET_LENGTH);
      device(aml, "HPET", "PNP0103", 0, registers);
    }
  }

  private static void device(Aml aml, String name, String id, int uid, Resources resources) {
    aml.device(
        name,
        device -> {
          device.eisaId("_HID", id).name("_UID", uid).name("_STA", PRESENT);
          device.name("_CRS").buffer(resources.bytes());
        });
  }
}
