// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Whether this host can run translated code, and which instructions it has. */
final class HostFeatures {
  private static final Set<String> FLAGS = flags();

  private HostFeatures() {}

  /** The features of the host's CPU that its system lets programs use, in the words of Linux. */
  private static Set<String> flags() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
          .orElse(Set.of());
    } catch (IOException | UncheckedIOException e) {
      return Set.of();
    }
  }

  /** {@return whether the host has what a row of the instruction table needs} */
  static boolean has(String feature) {
    for (String part : feature.split("\\+")) {
      if (!part.equals("-") && !FLAGS.contains(linuxName(part))) {
        return false;
      }
    }
    return true;
  }

  private static String linuxName(String feature) {
    return switch (feature) {
      case "SSE3" -> "pni";
      case "SHA" -> "sha_ni";
      case "LZCNT" -> "abm";
      default -> feature.toLowerCase(Locale.ROOT);
    };
  }

  /** {@return why it cannot, or null} */
  static String obstacle() {
    String arch = System.getProperty("os.arch");
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return "the host is " + arch + ", not x86-64";
    }
    String os = System.getProperty("os.name");
    return os.equals("Linux") ? null : "the host runs " + os + ", not Linux";
  }
}
