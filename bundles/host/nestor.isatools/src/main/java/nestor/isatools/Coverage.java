// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.json.Json;
import nestor.isa.Isa;
import nestor.isa.Row;
import nestor.isa.RowAttribute;

/**
 * Which rows of the table are tested by what. A list of real runs is kept: a line a row, with v for
 * recorded vectors, r for random programs, t for Nestor's own tests.
 */
final class Coverage {
  private static final String LIST = "vectors/reached.txt";
  private static final String KINDS = "vrt";
  private static final int DEPTH = 7;

  private Coverage() {}

  static int run(IsaOptions options, CommandIo io) throws IOException, CommandException {
    Path list = io.home().resolve(LIST);
    Map<String, Set<Character>> reached;
    if (options.merge) {
      reached = measured(options, io);
      write(list, reached);
    } else {
      reached = read(list);
    }
    report(reached, options, io);
    return Command.OK;
  }

  private static Map<String, Set<Character>> read(Path list) throws IOException, CommandException {
    if (!Files.isReadable(list)) {
      throw new CommandException(Command.BAD_INPUT, list + ": no such file, or not readable");
    }
    Map<String, Set<Character>> reached = new TreeMap<>();
    for (String line : Files.readAllLines(list)) {
      int blank = line.indexOf(' ');
      if (!line.startsWith("#") && blank > 0) {
        for (int n = 0; n < blank; n++) {
          add(reached, line.substring(blank + 1), line.charAt(n));
        }
      }
    }
    return reached;
  }

  /** Takes the files that vectors and random programs wrote, and what all test JVMs have left. */
  private static Map<String, Set<Character>> measured(IsaOptions options, CommandIo io)
      throws IOException, CommandException {
    Map<String, Set<Character>> reached = new TreeMap<>();
    for (String word : options.words) {
      Path file = io.directory().resolve(word);
      if (!Files.isReadable(file)) {
        throw new CommandException(Command.BAD_INPUT, word + ": no such file, or not readable");
      }
      char kind = file.getFileName().toString().contains("random") ? 'r' : 'v';
      for (String key : Files.readAllLines(file)) {
        add(reached, key, kind);
      }
    }
    try (Stream<Path> files =
        Files.find(io.home(), DEPTH, (path, _) -> isLeftByTests(io.home(), path))) {
      for (Path file : files.toList()) {
        for (String key : Files.readAllLines(file)) {
          add(reached, key, 't');
        }
      }
    }
    return reached;
  }

  private static boolean isLeftByTests(Path home, Path path) {
    String place = home.relativize(path).toString();
    return place.endsWith(".rows") && place.contains("/target/rows/");
  }

  private static void add(Map<String, Set<Character>> reached, String key, char kind) {
    reached.computeIfAbsent(key, _ -> new TreeSet<>()).add(kind);
  }

  private static void write(Path list, Map<String, Set<Character>> reached) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# SPDX-License-Identifier: Apache-2.0");
    lines.add(
        "# Rows that real runs have reached: v recorded vectors, r random programs against a");
    lines.add("# host's CPU, t Nestor's own tests. Made by ./nestor isa --coverage --merge.");
    for (Row row : Isa.rows()) {
      Set<Character> kinds = reached.get(row.key());
      if (kinds != null) {
        StringBuilder letters = new StringBuilder();
        for (int n = 0; n < KINDS.length(); n++) {
          if (kinds.contains(KINDS.charAt(n))) {
            letters.append(KINDS.charAt(n));
          }
        }
        lines.add(letters + " " + row.key());
      }
    }
    Files.write(list, lines);
  }

  private static void report(
      Map<String, Set<Character>> reached, IsaOptions options, CommandIo io) {
    int implemented = 0;
    int[] by = new int[KINDS.length()];
    List<Row> unreached = new ArrayList<>();
    List<Row> missing = new ArrayList<>();
    for (Row row : Isa.rows()) {
      if (row.has(RowAttribute.TODO)) {
        missing.add(row);
        continue;
      }
      implemented++;
      Set<Character> kinds = reached.getOrDefault(row.key(), Set.of());
      for (int n = 0; n < by.length; n++) {
        by[n] += kinds.contains(KINDS.charAt(n)) ? 1 : 0;
      }
      if (kinds.isEmpty()) {
        unreached.add(row);
      }
    }
    if (options.json) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("rows", Isa.rows().size());
      all.put("implemented", implemented);
      all.put("reachedByVectors", by[0]);
      all.put("reachedByRandomPrograms", by[1]);
      all.put("reachedByTests", by[2]);
      all.put("notImplemented", missing.stream().map(Row::key).toList());
      all.put("notReached", unreached.stream().map(Row::key).toList());
      io.out().println(Json.write(all));
      return;
    }
    io.out().printf("%6d rows in the table%n", Isa.rows().size());
    io.out().printf("%6d implemented%n", implemented);
    io.out().printf("%6d reached by recorded vectors%n", by[0]);
    io.out().printf("%6d reached by random programs against a host's CPU%n", by[1]);
    io.out().printf("%6d reached by Nestor's own tests%n", by[2]);
    io.out().printf("%6d not implemented%n", missing.size());
    missing.forEach(row -> io.out().println("         " + row.key()));
    io.out().printf("%6d implemented, not reached by any test%n", unreached.size());
    unreached.forEach(row -> io.out().println("         " + row.key()));
  }
}
