// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The package sources that the system's administrator configured, narrowed to Debian's own.
 *
 * <p>Third parties' sources are left out, since one that does not answer would fail the fetch. No
 * host is named here: an entry is Debian's if the path of its address says so. Both formats of
 * sources.list(5) are read, one-line and deb822.
 *
 * @param oneLine entries for a {@code .list} file
 * @param stanzas entries for a {@code .sources} file
 */
record AptSources(List<String> oneLine, List<String> stanzas) {
  private static final Pattern LINE =
      Pattern.compile("deb\\s+(\\[[^\\]]*\\]\\s+)?(?<uri>\\S+)\\s+\\S+.*");
  private static final Pattern DEBIAN_PATH = Pattern.compile(".*/debian[^/]*(/.*)?");
  private static final Pattern FIELD = Pattern.compile("(?m)^(?<name>[A-Za-z-]+):(?<value>.*)$");

  /** Reads what lies under {@code etcApt}; empty if nothing does. */
  static AptSources of(Path etcApt) {
    List<String> lines = new ArrayList<>();
    List<String> stanzas = new ArrayList<>();
    try {
      for (Path file : files(etcApt)) {
        String text = Files.readString(file);
        if (file.getFileName().toString().endsWith(".sources")) {
          readStanzas(text, stanzas);
        } else {
          readLines(text, lines);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the package sources in " + etcApt, e);
    }
    AptSources all = new AptSources(lines, stanzas);
    AptSources debian = all.debianOnly();
    return debian.isEmpty() ? all : debian;
  }

  boolean isEmpty() {
    return oneLine.isEmpty() && stanzas.isEmpty();
  }

  private AptSources debianOnly() {
    return new AptSources(
        oneLine.stream().filter(line -> isDebian(uriOf(line))).toList(),
        stanzas.stream()
            .filter(
                stanza ->
                    Stream.of(field(stanza, "URIs").split("\\s+")).allMatch(AptSources::isDebian))
            .toList());
  }

  private static boolean isDebian(String uri) {
    int path = uri.indexOf("://");
    String tail = path < 0 ? uri : uri.substring(path + 3);
    int slash = tail.indexOf('/');
    return slash >= 0 && DEBIAN_PATH.matcher(tail.substring(slash)).matches();
  }

  private static String uriOf(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches() ? matcher.group("uri") : "";
  }

  private static List<Path> files(Path etcApt) throws IOException {
    List<Path> files = new ArrayList<>();
    Path main = etcApt.resolve("sources.list");
    if (Files.isReadable(main)) {
      files.add(main);
    }
    Path parts = etcApt.resolve("sources.list.d");
    if (Files.isDirectory(parts)) {
      try (Stream<Path> found = Files.list(parts)) {
        found
            .filter(
                file -> file.toString().endsWith(".list") || file.toString().endsWith(".sources"))
            .filter(Files::isReadable)
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  private static void readLines(String text, List<String> lines) {
    for (String line : text.lines().toList()) {
      String entry = line.replaceAll("#.*", "").strip();
      if (LINE.matcher(entry).matches() && !entry.contains("cdrom:")) {
        lines.add(entry);
      }
    }
  }

  private static void readStanzas(String text, List<String> stanzas) {
    String withoutComments = text.replaceAll("(?m)^#.*\\R?", "");
    for (String stanza : withoutComments.split("\\R\\s*\\R", -1)) {
      boolean binary = List.of(field(stanza, "Types").split("\\s+")).contains("deb");
      boolean enabled = !field(stanza, "Enabled").equalsIgnoreCase("no");
      if (binary && enabled && !field(stanza, "URIs").isEmpty()) {
        stanzas.add(stanza.strip().replaceAll("(?mi)^Types:.*$", "Types: deb"));
      }
    }
  }

  /** The one-line value of a field, empty if the stanza lacks it. */
  private static String field(String stanza, String name) {
    Matcher matcher = FIELD.matcher(stanza);
    while (matcher.find()) {
      if (matcher.group("name").toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
        return matcher.group("value").strip();
      }
    }
    return "";
  }
}
