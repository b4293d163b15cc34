// SPDX-License-Identifier: Apache-2.0
package nestor.api.firmware;

import org.osgi.annotation.versioning.ProviderType;

/** Describes a board to its operating system. Stateless; any thread may call it. */
@ProviderType
public interface Firmware {

  /**
   * {@return the tables of this board, placed in the BIOS area E0000h to FFFFFh}
   *
   * @throws IllegalArgumentException if the description contradicts itself; the text says how
   */
  FirmwareTables tables(BoardDescription board);
}
