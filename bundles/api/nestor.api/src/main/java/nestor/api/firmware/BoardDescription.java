// SPDX-License-Identifier: Apache-2.0
package nestor.api.firmware;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is on a board, as far as its operating system must be told.
 *
 * @param apicIds local APIC ids, the first vCPU's first
 * @param ioapic the I/O APIC; empty for none
 * @param pci the PCI host bridge; empty for none
 * @param powerBase first port of the ACPI fixed registers: PM1a event block (4 bytes), PM1a control
 *     (2 bytes) at +4, PM timer (4 bytes) at +8; empty for none
 * @param sciIrq the interrupt line of ACPI events, active high and level triggered
 * @param serialPorts 16550s, COM1 first
 * @param hpetGpa registers of the HPET; empty for none
 * @param pic whether there are two 8259s
 * @param pit whether there is an 8254 with the port 61h gate
 * @param rtc whether there is a CMOS clock on ports 70h and 71h, interrupt line 8
 * @param keyboard whether there is an 8042 on ports 60h and 64h, interrupt line 1
 * @param mouse whether a mouse hangs on it, interrupt line 12
 * @param resetRegister whether a write of 6 to port CF9h resets the machine
 */
public record BoardDescription(
    List<Integer> apicIds,
    Optional<IoApic> ioapic,
    Optional<PciRoot> pci,
    OptionalInt powerBase,
    int sciIrq,
    List<SerialPort> serialPorts,
    OptionalLong hpetGpa,
    boolean pic,
    boolean pit,
    boolean rtc,
    boolean keyboard,
    boolean mouse,
    boolean resetRegister) {

  public BoardDescription {
    apicIds = List.copyOf(apicIds);
    serialPorts = List.copyOf(serialPorts);
  }

  /**
   * An I/O APIC.
   *
   * @param id its APIC id
   * @param gpa its registers
   * @param inputs number of its inputs; they are GSI 0 and up
   */
  public record IoApic(int id, long gpa, int inputs) {}
}
