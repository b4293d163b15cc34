// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;

/** What the user typed after {@code unittests}. */
final class UnitTestOptions {
  private static final List<String> NAMES =
      List.of(
          "--jobs",
          "--timeout",
          "--junit",
          "--model",
          "--cpus",
          "--memory",
          "--engine",
          "--env",
          "--set",
          "--expect",
          "--verbose");

  private static final int MOST_JOBS = 64;

  /** Images with their arguments, as typed. */
  final List<String> tests = new ArrayList<>();

  /** Settings {@code PATH=VALUE} that change the profile. */
  final List<String> overrides = new ArrayList<>();

  int jobs = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_JOBS);
  long timeoutSeconds = 90;
  Optional<Path> junit = Optional.empty();
  String expected;
  boolean verbose;

  private final Deque<String> words;
  private final Path directory;

  private UnitTestOptions(List<String> args, Path directory) {
    this.words = new ArrayDeque<>(args);
    this.directory = directory;
  }

  static UnitTestOptions parse(List<String> args, Path directory) throws CommandException {
    UnitTestOptions options = new UnitTestOptions(args, directory);
    while (!options.words.isEmpty()) {
      options.next();
    }
    if (options.tests.isEmpty()) {
      throw usage("which images? Usage: ./nestor unittests FILES... [options]");
    }
    return options;
  }

  private static CommandException usage(String message) {
    return new CommandException(Command.USAGE, message);
  }

  private void next() throws CommandException {
    String word = words.pop();
    if (!word.startsWith("--")) {
      tests.add(word);
      return;
    }
    int equals = word.indexOf('=');
    if (equals > 0) {
      words.push(word.substring(equals + 1));
      word = word.substring(0, equals);
    }
    switch (word) {
      case "--jobs" -> jobs = (int) whole(word, 1, MOST_JOBS);
      case "--timeout" -> timeoutSeconds = whole(word, 1, 1 << 20);
      case "--junit" -> junit = Optional.of(directory.resolve(value(word)).normalize());
      case "--model" -> overrides.add("cpu.model=" + value(word));
      case "--cpus" -> overrides.add("cpus=" + whole(word, 1, 255));
      case "--memory" -> overrides.add("memory=" + value(word).toUpperCase(Locale.ROOT));
      case "--engine" -> overrides.add("engine=" + value(word));
      case "--env" -> overrides.add("boot.env." + assignment(word));
      case "--set" -> overrides.add(assignment(word));
      case "--expect" -> expected = value(word);
      case "--verbose" -> verbose = true;
      default -> {
        String near = NearestWord.to(word, NAMES);
        throw usage(
            "unknown option " + word + (near == null ? "" : "; did you mean " + near + "?"));
      }
    }
  }

  private String value(String word) throws CommandException {
    if (words.isEmpty()) {
      throw usage(word + " needs a value");
    }
    return words.pop();
  }

  private String assignment(String word) throws CommandException {
    String value = value(word);
    if (value.indexOf('=') < 1) {
      throw usage(word + " needs KEY=VALUE, not \"" + value + "\"");
    }
    return value;
  }

  private long whole(String word, long least, long most) throws CommandException {
    String value = value(word);
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw usage(word + " needs a whole number, not \"" + value + "\"");
    }
    throw usage(word + " needs a whole number from " + least + " to " + most + ", not " + value);
  }
}
