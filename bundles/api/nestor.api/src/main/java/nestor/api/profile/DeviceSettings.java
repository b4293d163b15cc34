// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One device of a machine.
 *
 * @param name unique in the machine, such as {@code serial0}
 * @param pid factory PID of the component, such as {@code nestor.device.uart16550}
 * @param properties what the profile sets, by property name and with the type that the component
 *     wants
 * @param ports I/O port ranges that the device answers on, whether set or its defaults
 * @param mmio guest-physical ranges that the device answers on, whether set or its defaults
 * @param irq its ISA interrupt line, whether set or its default; empty for none
 * @param overlay whether a range of this device may lie inside a larger one of another device, and
 *     then answers instead of it; the property {@code nestor.overlay}
 */
public record DeviceSettings(
    String name,
    String pid,
    Map<String, Object> properties,
    List<Range> ports,
    List<Range> mmio,
    OptionalInt irq,
    boolean overlay) {

  public DeviceSettings {
    properties = Collections.unmodifiableMap(new TreeMap<>(properties));
    ports = List.copyOf(ports);
    mmio = List.copyOf(mmio);
  }

  /** Ports or addresses from {@code base} on. */
  public record Range(long base, long length) {

    /** {@return the port or address after the last} */
    public long end() {
      return base + length;
    }
  }
}
