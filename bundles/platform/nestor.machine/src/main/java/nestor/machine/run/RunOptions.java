// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;

/** What the user typed after {@code run}. */
final class RunOptions {
  static final List<String> NAMES =
      List.of(
          "--kernel",
          "--initrd",
          "--append",
          "--memory",
          "--cpus",
          "--parallel",
          "--model",
          "--engine",
          "--seed",
          "--set",
          "--env",
          "--script",
          "--timeout",
          "--no-reboot",
          "--digest",
          "--record",
          "--replay",
          "--stats",
          "--events");

  /** Settings {@code PATH=VALUE} that change the profile. */
  final List<String> overrides = new ArrayList<>();

  String profile;
  Optional<String> script = Optional.empty();
  OptionalLong timeoutSeconds = OptionalLong.empty();
  boolean reboots = true;
  boolean digest;
  Optional<Path> record = Optional.empty();
  Optional<Path> replay = Optional.empty();
  Optional<Path> stats = Optional.empty();
  Optional<Path> events = Optional.empty();

  private final Path directory;
  private final Deque<String> words;

  private RunOptions(List<String> args, Path directory) {
    this.words = new ArrayDeque<>(args);
    this.directory = directory;
  }

  /** {@return the options, relative paths resolved} */
  static RunOptions parse(List<String> args, Path directory) throws CommandException {
    RunOptions options = new RunOptions(args, directory);
    while (!options.words.isEmpty()) {
      options.next();
    }
    if (options.profile == null) {
      throw usage("which profile? Usage: ./nestor run PROFILE [options]");
    }
    if (options.record.isPresent() && options.replay.isPresent()) {
      throw usage("--record and --replay exclude each other");
    }
    return options;
  }

  static CommandException usage(String message) {
    return new CommandException(Command.USAGE, message);
  }

  private void next() throws CommandException {
    String word = words.pop();
    if (!word.startsWith("--")) {
      if (profile != null) {
        throw usage("one profile at a time: " + profile + " or " + word);
      }
      profile = profilePath(word);
      return;
    }
    int equals = word.indexOf('=');
    if (equals > 0) {
      words.push(word.substring(equals + 1));
      word = word.substring(0, equals);
    }
    switch (word) {
      case "--kernel" -> set("boot.kernel", file(value(word)).toString());
      case "--initrd" -> set("boot.initrd", file(value(word)).toString());
      case "--append" -> set("boot.append", value(word));
      case "--memory" -> set("memory", memory(value(word)));
      case "--cpus" -> set("cpus", whole(word, 1, 255));
      case "--parallel" -> {
        flag(word, equals);
        set("execution", "parallel");
      }
      case "--model" -> set("cpu.model", value(word));
      case "--engine" -> set("engine", value(word));
      case "--seed" -> set("seed", whole(word, Long.MIN_VALUE, Long.MAX_VALUE));
      case "--set" -> overrides.add(assignment(word, "PATH=VALUE"));
      case "--env" -> overrides.add("boot.env." + assignment(word, "KEY=VALUE"));
      case "--script" -> {
        script = Optional.of(value(word));
        reboots = false;
      }
      case "--timeout" -> timeoutSeconds = OptionalLong.of(Long.parseLong(whole(word, 1, 1 << 30)));
      case "--no-reboot" -> reboots = flag(word, equals);
      case "--digest" -> digest = !flag(word, equals);
      case "--record" -> record = Optional.of(path(value(word)));
      case "--replay" -> replay = Optional.of(file(value(word)));
      case "--events" -> events = Optional.of(path(value(word)));
      case "--stats" -> stats = Optional.of(path(value(word)));
      default -> throw usage(unknown(word));
    }
  }

  /** An option without a value; gives false, for what it switches off. */
  private boolean flag(String word, int equals) throws CommandException {
    if (equals > 0) {
      throw usage(word + " takes no value");
    }
    return false;
  }

  private static String unknown(String word) {
    String near = NearestWord.to(word, NAMES);
    return "unknown option " + word + (near == null ? "" : "; did you mean " + near + "?");
  }

  private void set(String path, String value) {
    overrides.add(path + "=" + value);
  }

  private String value(String word) throws CommandException {
    if (words.isEmpty()) {
      throw usage(word + " needs a value");
    }
    return words.pop();
  }

  private String assignment(String word, String form) throws CommandException {
    String value = value(word);
    if (value.indexOf('=') < 1) {
      throw usage(word + " needs " + form + ", not \"" + value + "\"");
    }
    return value;
  }

  private String whole(String word, long least, long most) throws CommandException {
    String value = value(word);
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return Long.toString(number);
      }
    } catch (NumberFormatException e) {
      throw usage(word + " needs a whole number, not \"" + value + "\"");
    }
    throw usage(word + " needs a whole number from " + least + " to " + most + ", not " + value);
  }

  /** Sizes may be written in lower case, and in mebibytes without a letter. */
  private static String memory(String text) throws CommandException {
    String size = text.toUpperCase(Locale.ROOT);
    if (!size.matches("[0-9]{1,9}[KMG]?")) {
      throw usage("--memory needs a size such as 512M or 2G, not \"" + text + "\"");
    }
    return Character.isDigit(size.charAt(size.length() - 1)) ? size + "M" : size;
  }

  private Path path(String text) {
    return directory.resolve(text).normalize();
  }

  private Path file(String text) throws CommandException {
    Path file = path(text);
    if (!Files.isRegularFile(file)) {
      throw new CommandException(
          Command.BAD_INPUT, file + (Files.exists(file) ? " is not a file" : ": no such file"));
    }
    return file;
  }

  /** A word with a slash or an ending is a path, relative to where the user stands. */
  private String profilePath(String word) {
    return word.contains("/") || word.endsWith(".json") ? path(word).toString() : word;
  }
}
