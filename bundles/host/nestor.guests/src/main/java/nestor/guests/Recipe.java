// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** How the guests of one name are made from Debian packages. */
sealed interface Recipe permits LinuxRecipe, MemtestRecipe, NestedRecipe {
  /** What {@code guests fetch} calls it. */
  String name();

  String summary();

  /** The images that it makes. */
  List<String> images();

  /** Called with the cache locked and the package lists up to date. */
  void fetch(Apt apt, GuestCache cache, Consumer<String> progress)
      throws GuestException, IOException;
}
