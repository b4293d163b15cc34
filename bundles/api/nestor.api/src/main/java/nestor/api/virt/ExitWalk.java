// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

import java.util.List;
import nestor.api.machine.Translation;

/**
 * The way of one VM exit, from the guest to whoever took it.
 *
 * @param exit the exit
 * @param hops the stations in order
 * @param secondLevel for an exit of second-level tables, the walk of the guest-physical address as
 *     the tables are now; else null
 */
public record ExitWalk(VmEvent exit, List<Hop> hops, Translation secondLevel) {

  /**
   * A station.
   *
   * @param where such as {@code row} or {@code host}
   * @param text what happened there
   */
  public record Hop(String where, String text) {}
}
