// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

/**
 * One device of a machine.
 *
 * @param name unique in the machine
 * @param pid factory PID of its configuration
 * @param type its class
 * @param bundle symbolic name and version of the bundle it comes from
 * @param ports I/O port ranges; empty for none
 * @param mmio guest-physical ranges; empty for none
 * @param irq ISA interrupt line, or -1
 * @param section name and version of its saved state; empty if it cannot be saved
 * @param status {@code present}, {@code awaited}, {@code absent}, or why it was refused
 */
public record DeviceView(
    String name,
    String pid,
    String type,
    String bundle,
    String ports,
    String mmio,
    int irq,
    String section,
    String status) {}
