// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.util.List;

/** Something that boots the Linux image: Nestor, or QEMU. */
interface GuestSystem {
  /** {@return what the user calls it} */
  String name();

  /** {@return a command line that boots the image, lets it run a script and power off} */
  List<String> command(String script) throws IOException;

  /** {@return how many times the usual iterations of a kernel it needs for a good figure} */
  double scale(String kernel);
}
