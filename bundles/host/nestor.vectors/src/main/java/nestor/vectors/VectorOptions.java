// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.NearestWord;

/** What the user of {@code ./nestor vectors} asked for. */
public final class VectorOptions {
  private static final List<String> KNOWN =
      List.of(
          "--engine",
          "--family",
          "--real-mode",
          "--threads",
          "--model",
          "--failures",
          "--json",
          "--rows",
          "--feature");

  String engine = "interpreter";
  String model = "max";
  final List<String> changes = new ArrayList<>();
  final List<String> families = new ArrayList<>();
  int threads = Runtime.getRuntime().availableProcessors();
  int failures = 3;
  boolean json;
  boolean real;
  Path rows;
  final List<Path> files = new ArrayList<>();

  private VectorOptions() {}

  static VectorOptions parse(List<String> args, CommandIo io) throws CommandException, IOException {
    VectorOptions o = new VectorOptions();
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      if (!word.startsWith("--")) {
        o.files.addAll(VectorFile.expand(io.directory().resolve(word), word));
      } else if (word.equals("--json")) {
        o.json = true;
      } else if (word.equals("--real-mode")) {
        o.real = true;
      } else if (!KNOWN.contains(word)) {
        throw new CommandException(Command.USAGE, "unknown option " + word + hint(word, KNOWN));
      } else if (n + 1 == args.size()) {
        throw new CommandException(
            Command.USAGE, word + " needs a value; see ./nestor help vectors");
      } else {
        o.value(word, args.get(++n), io);
      }
    }
    if (o.files.isEmpty()) {
      o.files.addAll(VectorFile.expand(io.home().resolve("vectors"), "vectors"));
    }
    return o;
  }

  private void value(String word, String value, CommandIo io) throws CommandException {
    switch (word) {
      case "--engine" -> engine = value;
      case "--family" -> families.add(value);
      case "--model" -> model = value;
      case "--feature" -> changes.addAll(List.of(value.split(",")));
      case "--threads" -> threads = number(word, value, 1, 1000);
      case "--rows" -> rows = io.directory().resolve(value);
      default -> failures = number(word, value, 0, 1_000_000);
    }
  }

  /** {@return the value of an option that takes a number} */
  public static int number(String option, String value, int least, int most)
      throws CommandException {
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new CommandException(
        Command.USAGE, option + " takes a number from " + least + " to " + most + ", not " + value);
  }

  /** {@return what the user may have meant, or what there is} */
  public static String hint(String typed, Collection<String> known) {
    String nearest = NearestWord.to(typed, known);
    return nearest == null
        ? "; known: " + String.join(", ", known)
        : "; did you mean " + nearest + "?";
  }
}
