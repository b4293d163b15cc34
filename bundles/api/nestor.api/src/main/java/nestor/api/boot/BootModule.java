// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

/**
 * A file that travels with the kernel.
 *
 * <p>Linux gets all of them as one initrd, joined at multiples of four bytes as its cpio reader
 * wants; Multiboot and PVH kernels get them as modules.
 *
 * @param commandLine text given along with a Multiboot or PVH module; empty for none
 */
public record BootModule(BootData data, String commandLine) {

  /** A module without text of its own. */
  public BootModule(BootData data) {
    this(data, "");
  }
}
