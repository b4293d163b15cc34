// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.util.Locale;

/** How a kernel file is loaded and entered. */
public enum BootKind {
  /** Linux bzImage, boot protocol 2.06 or newer; 64-bit entry where the kernel has one. */
  LINUX,
  /** Multiboot 1, ELF32 or with load addresses in its header; 32-bit entry. */
  MULTIBOOT,
  /** ELF with the Xen note PHYS32_ENTRY; 32-bit entry with an HVM start-info block. */
  PVH,
  /** Bytes copied to an address and entered there in real mode. */
  FLAT16,
  /** Bytes copied to an address and entered there in flat protected mode. */
  FLAT32,
  /** Bytes copied to an address and entered there in 64-bit mode, first 4 GiB mapped one to one. */
  FLAT64;

  /** {@return the word that profiles and messages use, such as {@code linux}} */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
