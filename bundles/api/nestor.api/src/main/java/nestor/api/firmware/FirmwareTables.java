// SPDX-License-Identifier: Apache-2.0
package nestor.api.firmware;

import java.util.List;
import nestor.api.boot.LoadSegment;

/**
 * Tables to be put into guest memory, again after every reset.
 *
 * @param segments one a table, named by its signature, in ascending order of address
 * @param rsdpGpa where the root pointer (RSDP) lies: on a 16-byte boundary of E0000h to FFFFFh
 */
public record FirmwareTables(List<LoadSegment> segments, long rsdpGpa) {

  public FirmwareTables {
    segments = List.copyOf(segments);
  }
}
