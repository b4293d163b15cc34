// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What the CPU of this host can do, as Linux and its own CPUID tell. */
final class HostCpu {
  /** Features whose names in /proc/cpuinfo are not those of the manuals in lower case. */
  private static final Map<String, String> LINUX_NAMES =
      Map.of(
          "LZCNT",
          "abm",
          "SHA",
          "shani",
          "SSE3",
          "pni",
          "CLFSH",
          "clflush",
          "PREFETCHW",
          "3dnowprefetch");

  private final Set<String> flags = new HashSet<>();
  private final boolean amd;
  private final long components;
  private final int[] offsets = new int[8];

  /**
   * Reads what the native runner says of itself when it starts.
   *
   * @param greeting vendor (EBX of leaf 0), XCR0, then the offsets of XSAVE components 2 to 7
   */
  HostCpu(ByteBuffer greeting) throws IOException {
    greeting.order(ByteOrder.LITTLE_ENDIAN);
    amd = greeting.getLong(0) == 0x6874_7541; // "Auth"
    components = greeting.getLong(8) & 0xE7;
    for (int n = 2; n < 8; n++) {
      offsets[n] = (int) greeting.getLong(16 + 8 * (n - 2));
    }
    flags.addAll(flags());
  }

  private static Set<String> flags() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("flags")) {
        Set<String> found = new HashSet<>();
        for (String flag : line.substring(line.indexOf(':') + 1).strip().split(" ")) {
          found.add(flag.replace("_", ""));
        }
        return found;
      }
    }
    return Set.of();
  }

  /** {@return why programs cannot run on this host's CPU, or null if they can} */
  static String unavailable() throws IOException {
    if (!System.getProperty("os.name").equals("Linux")) {
      return "this host is not Linux";
    }
    if (!Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"))) {
      return "this host is not x86-64";
    }
    for (String needed : new String[] {"fsgsbase", "xsave", "fxsr"}) {
      if (!flags().contains(needed)) {
        return "this host's CPU lacks " + needed;
      }
    }
    return null;
  }

  boolean isAmd() {
    return amd;
  }

  /** {@return the XSAVE components in use, as bits} */
  long components() {
    return components;
  }

  boolean has(int component) {
    return (components >> component & 1) != 0;
  }

  int offset(int component) {
    return offsets[component];
  }

  /** {@return whether it has all features of a row's feature column} */
  boolean offers(String feature) {
    return feature.equals("-")
        || Arrays.stream(feature.split("\\+", -1))
            .allMatch(
                name ->
                    flags.contains(
                        LINUX_NAMES.getOrDefault(
                            name, name.toLowerCase(Locale.ROOT).replace("_", ""))));
  }
}
