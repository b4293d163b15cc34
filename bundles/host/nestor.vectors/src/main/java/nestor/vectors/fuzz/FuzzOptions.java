// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.vectors.VectorOptions;

/** What the user of {@code ./nestor fuzz} asked for. */
final class FuzzOptions {
  private static final List<String> KNOWN =
      List.of(
          "--programs",
          "--seed",
          "--first",
          "--engine",
          "--against",
          "--threads",
          "--rows",
          "--model",
          "--feature",
          "--undefined",
          "--failures",
          "--save",
          "--record",
          "--reached");

  long programs = 10_000;
  long seed = 1;
  long first;
  String engine = "interpreter";
  String against = "host";
  String model = "max";
  final List<String> changes = new ArrayList<>();
  int threads = Runtime.getRuntime().availableProcessors();
  int failures = 10;
  String rows;
  boolean undefined;
  Path save;
  Path reached;
  Path record;

  private FuzzOptions() {}

  static FuzzOptions parse(List<String> args, CommandIo io) throws CommandException {
    FuzzOptions o = new FuzzOptions();
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      if (!KNOWN.contains(word)) {
        throw new CommandException(
            Command.USAGE, "unknown option " + word + VectorOptions.hint(word, KNOWN));
      }
      if (word.equals("--undefined")) {
        o.undefined = true;
      } else if (n + 1 == args.size()) {
        throw new CommandException(Command.USAGE, word + " needs a value; see ./nestor help fuzz");
      } else {
        o.value(word, args.get(++n), io);
      }
    }
    if (o.record != null && o.save == null) {
      throw new CommandException(Command.USAGE, "--record needs --save; see ./nestor help fuzz");
    }
    return o;
  }

  private void value(String word, String value, CommandIo io) throws CommandException {
    switch (word) {
      case "--programs" -> programs = number(word, value);
      case "--seed" -> seed = number(word, value);
      case "--first" -> first = number(word, value);
      case "--engine" -> engine = value;
      case "--against" -> against = value;
      case "--threads" -> threads = VectorOptions.number(word, value, 1, 1000);
      case "--rows" -> rows = value;
      case "--model" -> model = value;
      case "--feature" -> changes.addAll(List.of(value.split(",")));
      case "--save" -> save = io.directory().resolve(value);
      case "--record" -> record = io.directory().resolve(value);
      case "--reached" -> reached = io.directory().resolve(value);
      default -> failures = VectorOptions.number(word, value, 1, 1_000_000);
    }
  }

  private static long number(String option, String value) throws CommandException {
    try {
      long number = Long.parseLong(value.replace("_", ""));
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new CommandException(Command.USAGE, option + " takes a number from 0 on, not " + value);
  }
}
