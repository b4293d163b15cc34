// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.List;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceType;
import nestor.api.profile.DeviceType.Attribute;

/** Device types as the bundles of a PC describe them. */
final class FakeCatalog implements DeviceCatalog {

  @Override
  public List<DeviceType> types() {
    return List.of(
        type("nestor.device.acpipm", text("nestor.ports", "0x600+12"), whole("nestor.irq", "9")),
        type(
            "nestor.device.coprocessor", text("nestor.ports", "0xF0+1"), whole("nestor.irq", "13")),
        type("nestor.device.debugcon", text("nestor.ports", "0x402+1,0xE9+1")),
        type("nestor.device.debugexit", text("nestor.ports", "0xF4+4")),
        type("nestor.device.fwcfg", text("nestor.ports", "0x510+2")),
        type("nestor.device.hpet", text("nestor.mmio", "0xFED00000+0x400")),
        type(
            "nestor.device.i8042", text("nestor.ports", "0x60+1,0x64+1"), whole("nestor.irq", "1")),
        type("nestor.device.pit", text("nestor.ports", "0x40+4,0x61+1")),
        type("nestor.device.reset", text("nestor.ports", "0xCF9+1,0x92+1")),
        type(
            "nestor.device.rtc",
            text("nestor.ports", "0x70+2"),
            whole("nestor.irq", "8"),
            new Attribute("lowMemoryLimit", Long.class, false, List.of(), List.of(), "")),
        // As Metatype gives a default whose commas were not escaped.
        type(
            "nestor.device.testdev",
            text("nestor.ports", "0xE0+4", "0xE4+4", "0xE8+4", "0x2000+24")),
        type("nestor.device.testdev.memory", text("nestor.mmio", "0xFF000000+0x10000")),
        type(
            "nestor.device.uart16550",
            text("nestor.ports", "0x3F8+8"),
            whole("nestor.irq", "4"),
            new Attribute(
                "baud", String.class, false, List.of("fast"), List.of("fast", "exact"), ""),
            new Attribute("fifo", Boolean.class, false, List.of("true"), List.of(), ""),
            new Attribute("clock", Long.class, false, List.of("1843200"), List.of(), ""),
            new Attribute("label", String.class, true, List.of(), List.of(), "")),
        type("nestor.ioapic", text("nestor.mmio", "0xFEC00000+0x1000")),
        type(
            "nestor.pci",
            text("nestor.ports", "0xCF8+8"),
            text("nestor.mmio", "0xE0000000+0x10000000")),
        type("nestor.pic", text("nestor.ports", "0x20+2,0xA0+2,0x4D0+2")));
  }

  private static DeviceType type(String pid, Attribute... attributes) {
    return new DeviceType(pid, pid, List.of(attributes));
  }

  private static Attribute text(String name, String... defaults) {
    return new Attribute(name, String.class, false, List.of(defaults), List.of(), "");
  }

  private static Attribute whole(String name, String byDefault) {
    return new Attribute(name, Integer.class, false, List.of(byDefault), List.of(), "");
  }
}
