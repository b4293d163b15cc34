// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import nestor.api.firmware.BoardDescription;
import nestor.api.firmware.PciRoot;
import nestor.api.firmware.SerialPort;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.Profile;

/** What firmware has to tell about the devices of a profile. */
final class BoardFacts {
  private static final int IOAPIC_INPUTS = 24;
  private static final int DEFAULT_SCI = 9;

  private final Profile profile;

  private BoardFacts(Profile profile) {
    this.profile = profile;
  }

  static BoardDescription of(Profile profile) {
    return new BoardFacts(profile).describe();
  }

  private BoardDescription describe() {
    Optional<DeviceSettings> power = first("nestor.device.acpipm");
    return new BoardDescription(
        IntStream.range(0, profile.cpus()).boxed().toList(),
        first("nestor.ioapic")
            .flatMap(d -> d.mmio().stream().findFirst())
            .map(r -> new BoardDescription.IoApic(profile.cpus(), r.base(), IOAPIC_INPUTS)),
        first("nestor.pci").map(d -> PciRoot.pc()),
        power
            .flatMap(d -> d.ports().stream().findFirst())
            .map(r -> OptionalInt.of((int) r.base()))
            .orElse(OptionalInt.empty()),
        power.map(d -> d.irq().orElse(DEFAULT_SCI)).orElse(DEFAULT_SCI),
        serialPorts(),
        first("nestor.device.hpet")
            .flatMap(d -> d.mmio().stream().findFirst())
            .map(r -> OptionalLong.of(r.base()))
            .orElse(OptionalLong.empty()),
        first("nestor.pic").isPresent(),
        first("nestor.device.pit").isPresent(),
        first("nestor.device.rtc").isPresent(),
        first("nestor.device.i8042").isPresent(),
        false,
        first("nestor.device.reset").isPresent());
  }

  private Optional<DeviceSettings> first(String pid) {
    return profile.devices().stream().filter(d -> d.pid().equals(pid)).findFirst();
  }

  private List<SerialPort> serialPorts() {
    List<SerialPort> ports = new ArrayList<>();
    for (DeviceSettings d : profile.devices()) {
      if (d.pid().equals("nestor.device.uart16550")
          && d.ports().size() == 1
          && d.irq().isPresent()) {
        ports.add(new SerialPort((int) d.ports().getFirst().base(), d.irq().getAsInt()));
      }
    }
    return ports;
  }
}
