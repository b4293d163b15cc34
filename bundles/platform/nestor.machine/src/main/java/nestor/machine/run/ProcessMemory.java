// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How much memory the host's system says that this process has. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** {@return resident memory, and which part of it is anonymous and shared, if the host tells} */
  static String text() {
    List<String> parts = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:") || line.startsWith("RssAnon:") || line.startsWith("RssShm")) {
          String[] words = line.split("\\s+");
          parts.add(words[0].replace(":", "") + " " + Long.parseLong(words[1]) / 1024 + " MiB");
        }
      }
    } catch (IOException e) {
      return "unknown";
    }
    return String.join(", ", parts);
  }
}
