// SPDX-License-Identifier: Apache-2.0
package nestor.api.firmware;

import nestor.api.boot.MemoryLayout;

/**
 * The PCI host bridge.
 *
 * @param ecamGpa memory-mapped configuration space of bus 0; zero for none
 * @param buses number of buses, from 0
 * @param memoryBase first address that functions below 4 GiB may decode; configuration space may
 *     lie among those addresses
 * @param memoryEnd address after the last
 */
public record PciRoot(long ecamGpa, int buses, long memoryBase, long memoryEnd) {

  /** {@return the address after the last of configuration space} */
  public long ecamEnd() {
    return ecamGpa + ((long) buses << 20);
  }

  /** {@return a host bridge with all that {@link MemoryLayout#pc} leaves free} */
  public static PciRoot pc() {
    return new PciRoot(MemoryLayout.ECAM_BASE, 256, MemoryLayout.LOW_RAM_END, 0xFEC0_0000L);
  }
}
