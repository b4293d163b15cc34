// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import java.util.TreeMap;

/** The named wires of a board, and the fixed links between legacy interrupt lines and GSIs. */
final class Wires {
  private static final int ISA_LINES = 16;

  private final Map<String, Net> nets = new TreeMap<>();

  Wires() {
    for (int line = 0; line < ISA_LINES; line++) {
      // The 8254 on line 0 reaches the IOAPIC at input 2, whose ISA line is the 8259s' cascade.
      // Line 2 itself therefore leads to no GSI (ACPI MADT, "Interrupt Source Override").
      if (line != 2) {
        WireDriver link = driver("gsi" + (line == 0 ? 2 : line));
        net("isa" + line).listen(link::set);
      }
    }
  }

  /** {@return the wire of that name, made on first use} */
  Net net(String name) {
    return nets.computeIfAbsent(name, Net::new);
  }

  /** {@return a new driver of the named wire, low} */
  WireDriver driver(String name) {
    return new WireDriver(net(name));
  }

  /** {@return the level of each wire, by name} */
  Map<String, Boolean> levels() {
    Map<String, Boolean> levels = new TreeMap<>();
    nets.forEach((name, net) -> levels.put(name, net.isHigh()));
    return levels;
  }
}
