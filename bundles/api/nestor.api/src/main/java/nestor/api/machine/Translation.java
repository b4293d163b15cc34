// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.util.List;

/**
 * The way of one address through paging, level by level.
 *
 * @param linear the address that was translated
 * @param gpa guest-physical address, or -1 if the walk faults
 * @param fault why it faults, in words, or null
 * @param steps the entries read, top level first; empty without paging
 */
public record Translation(long linear, long gpa, String fault, List<Step> steps) {

  /**
   * One paging-structure entry.
   *
   * @param level its name in the manuals, such as PML4E
   * @param address guest-physical address of the entry
   * @param value the entry
   * @param meaning its bits in words
   */
  public record Step(String level, long address, long value, String meaning) {}
}
