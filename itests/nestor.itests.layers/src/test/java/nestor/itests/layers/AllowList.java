// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A text file of exceptions: who, what, and why after a {@code #}. Both names match as beginnings.
 *
 * <p>An exception that is no longer needed is an offence too, so that the lists stay short.
 */
final class AllowList {
  private final List<Entry> entries = new ArrayList<>();
  private final List<Entry> used = new ArrayList<>();

  private record Entry(String who, String what) {}

  static AllowList read(Path file) throws IOException {
    return of(Files.readAllLines(file), file.toString());
  }

  static AllowList of(List<String> lines, String source) {
    AllowList list = new AllowList();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] halves = line.split("#", 2);
      String[] words = halves[0].strip().split("\\s+", -1);
      if (halves.length < 2 || halves[1].isBlank() || words.length != 2) {
        throw new IllegalArgumentException(
            source + ": expected 'WHO WHAT # REASON', found '" + line + "'");
      }
      list.entries.add(new Entry(words[0], words[1]));
    }
    return list;
  }

  boolean allows(String who, String what) {
    boolean found = false;
    for (Entry entry : entries) {
      if (who.startsWith(entry.who()) && what.startsWith(entry.what())) {
        used.add(entry);
        found = true;
      }
    }
    return found;
  }

  List<String> unused() {
    return entries.stream().filter(e -> !used.contains(e)).map(Entry::toString).toList();
  }
}
