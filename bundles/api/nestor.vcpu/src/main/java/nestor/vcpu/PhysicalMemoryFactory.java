// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** Service of the memory bundle. */
public interface PhysicalMemoryFactory {

  /**
   * {@return a physical address space with zeroed RAM and nothing else in it}
   *
   * @param ramBytes size of RAM, a multiple of 4096
   * @param lowMemoryTop where RAM below 4 GiB ends at most, such as 3 GiB; the rest of RAM follows
   *     from 4 GiB on
   */
  PhysicalMemoryControl create(long ramBytes, long lowMemoryTop);
}
