// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;

/** What the user typed after {@code bench}. */
final class BenchOptions {
  static final List<String> SUBJECTS = List.of("boot", "kernels", "nested", "exits", "start");
  private static final List<String> NAMES =
      List.of(
          "--engine",
          "--model",
          "--against",
          "--runs",
          "--json",
          "--kernel",
          "--scale",
          "--timeout");
  private static final int MOST_RUNS = 1000;

  /** What is measured: one of {@link #SUBJECTS}. */
  String subject;

  Optional<String> engine = Optional.empty();
  Optional<String> model = Optional.empty();
  boolean againstQemu;
  int runs;
  Optional<Path> json = Optional.empty();
  List<String> kernels = new ArrayList<>();
  double scale = 1;
  long timeoutSeconds = 3600;

  private final Deque<String> words;
  private final Path directory;

  private BenchOptions(List<String> args, Path directory) {
    this.words = new ArrayDeque<>(args);
    this.directory = directory;
  }

  static BenchOptions parse(List<String> args, Path directory) throws CommandException {
    BenchOptions options = new BenchOptions(args, directory);
    while (!options.words.isEmpty()) {
      options.next();
    }
    if (options.subject == null) {
      throw usage("bench what? boot, kernels, nested, exits or start");
    }
    if (!options.kernels.isEmpty() && !options.hasKernels()) {
      throw usage("--kernel belongs to 'bench kernels' and 'bench nested'");
    }
    String model = options.model.orElse("intel");
    if (options.isNested() && !List.of("intel", "amd").contains(model)) {
      throw usage("hypervisors run on --model intel or amd, not " + model);
    }
    if (options.runs == 0) {
      options.runs = options.subject.equals("start") ? 9 : 3;
    }
    if (options.kernels.isEmpty()) {
      options.kernels = Kernels.NAMES;
    }
    return options;
  }

  private boolean hasKernels() {
    return subject.equals("kernels") || subject.equals("nested");
  }

  /** {@return whether the guest has guests of its own} */
  boolean isNested() {
    return subject.equals("nested") || subject.equals("exits");
  }

  private static CommandException usage(String message) {
    return new CommandException(Command.USAGE, message);
  }

  private void next() throws CommandException {
    String word = words.pop();
    int equals = word.startsWith("--") ? word.indexOf('=') : -1;
    if (equals > 0) {
      words.push(word.substring(equals + 1));
      word = word.substring(0, equals);
    }
    switch (word) {
      case "--engine" -> engine = Optional.of(value(word));
      case "--model" -> model = Optional.of(value(word));
      case "--against" -> against(value(word));
      case "--runs" -> runs = (int) whole(word, 1, MOST_RUNS);
      case "--json" -> json = Optional.of(directory.resolve(value(word)).normalize());
      case "--kernel" -> {
        kernels.add(kernel(value(word)));
        while (!words.isEmpty() && Kernels.NAMES.contains(words.peek())) {
          kernels.add(words.pop());
        }
      }
      case "--scale" -> scale = positive(word);
      case "--timeout" -> timeoutSeconds = whole(word, 1, 1 << 20);
      default -> subject(word);
    }
  }

  private void subject(String word) throws CommandException {
    if (word.startsWith("--")) {
      throw usage("unknown option " + word + hint(word, NAMES));
    }
    if (!SUBJECTS.contains(word)) {
      throw usage("nothing to measure is named " + word + hint(word, SUBJECTS));
    }
    if (subject != null) {
      throw usage("one thing at a time: " + subject + " or " + word);
    }
    subject = word;
  }

  private void against(String word) throws CommandException {
    if (!word.equals("qemu")) {
      throw usage("--against knows only qemu, not " + word);
    }
    againstQemu = true;
  }

  private static String kernel(String word) throws CommandException {
    if (!Kernels.NAMES.contains(word)) {
      String hint = hint(word, Kernels.NAMES);
      throw usage(
          "there is no kernel "
              + word
              + (hint.isEmpty() ? "; there are " + String.join(" ", Kernels.NAMES) : hint));
    }
    return word;
  }

  private static String hint(String word, List<String> known) {
    String near = NearestWord.to(word, known);
    return near == null ? "" : "; did you mean " + near + "?";
  }

  private String value(String word) throws CommandException {
    if (words.isEmpty()) {
      throw usage(word + " needs a value");
    }
    return words.pop();
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
    throw usage(word + " needs a number from " + least + " to " + most + ", not " + value);
  }

  private double positive(String word) throws CommandException {
    String value = value(word);
    if (!value.matches("[0-9]{1,4}(\\.[0-9]{1,4})?") || Double.parseDouble(value) == 0) {
      throw usage(word + " needs a number above 0, such as 0.5, not \"" + value + "\"");
    }
    return Double.parseDouble(value);
  }
}
