// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Predicate;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;

/** What was typed after a shell command, sorted out by its {@link Syntax}. */
public final class Words {
  private final Syntax syntax;
  private final Path directory;
  private final Map<String, String> options = new HashMap<>();
  private final List<String> positional = new ArrayList<>();

  private PrintStream screen;
  private boolean interactive;

  private Words(Syntax syntax, Path directory) {
    this.syntax = syntax;
    this.directory = directory;
  }

  /**
   * Says where lines go that are shown before the command is over.
   *
   * @param isPerson whether a person sits there
   */
  public Words printTo(PrintStream where, boolean isPerson) {
    screen = where;
    interactive = isPerson;
    return this;
  }

  /** Shows a line at once, before the command is over. Any thread may call it. */
  public void print(String line) {
    if (screen != null) {
      screen.println(line);
      screen.flush();
    }
  }

  /** {@return whether a person sits there, who may be told things later} */
  public boolean isInteractive() {
    return interactive;
  }

  /**
   * Sorts words out.
   *
   * @param directory where the user stands
   * @param isMachine whether a word is the name of a machine
   * @throws CommandException what is missing, unknown or too much, and how the command is used
   */
  public static Words parse(
      Syntax syntax, List<String> typed, Path directory, Predicate<String> isMachine)
      throws CommandException {
    Words words = new Words(syntax, directory);
    boolean onlyWords = false;
    for (int i = 0; i < typed.size(); i++) {
      String word = typed.get(i);
      if (onlyWords || !word.startsWith("-") || word.length() < 2 || isNumber(word)) {
        words.positional.add(word);
      } else if (word.equals("--")) {
        onlyWords = true;
      } else {
        i += words.take(word, i + 1 < typed.size() ? typed.get(i + 1) : null);
      }
    }
    if (!words.isHelp()) {
      words.sort(isMachine);
    }
    return words;
  }

  private static boolean isNumber(String word) {
    return Character.isDigit(word.charAt(1));
  }

  /** Notes an option. Returns how many of the words after it were its value. */
  private int take(String word, String next) throws CommandException {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    if (name.equals(Syntax.HELP) || name.equals("-h")) {
      options.put(Syntax.HELP, "");
      return 0;
    }
    List<String> known = new ArrayList<>();
    for (Syntax.Option option : syntax.options()) {
      if (!option.name().equals(name) && !option.letter().equals(name)) {
        known.add(option.name());
        continue;
      }
      if (!option.hasValue()) {
        if (equals >= 0) {
          throw wrong(option.name() + " takes no value");
        }
        options.put(option.name(), "");
        return 0;
      }
      if (equals < 0 && next == null) {
        throw wrong(option.name() + " needs a value");
      }
      options.put(option.name(), equals < 0 ? next : word.substring(equals + 1));
      return equals < 0 ? 1 : 0;
    }
    String near = NearestWord.to(name, known);
    throw wrong("unknown option " + name + (near == null ? "" : "; did you mean " + near + "?"));
  }

  /** Tells the machine's name from the other words, and counts these. */
  private void sort(Predicate<String> isMachine) throws CommandException {
    int least = 0;
    int most = 0;
    for (Syntax.Word word : syntax.words()) {
      least += word.isRequired() ? 1 : 0;
      most = word.isRepeated() ? Integer.MAX_VALUE : most + 1;
    }
    boolean mayLead = syntax.isAboutMachine() && !options.containsKey(Syntax.MACHINE);
    if (mayLead
        && !positional.isEmpty()
        && (positional.size() > most || isMachine.test(positional.getFirst()))) {
      options.put(Syntax.MACHINE, positional.removeFirst());
    }
    if (positional.size() < least) {
      throw wrong(syntax.words().get(positional.size()).name() + " is missing");
    }
    if (positional.size() > most) {
      throw wrong("\"" + positional.get(most) + "\" is one word too many");
    }
  }

  private CommandException wrong(String what) {
    return new CommandException(
        Command.USAGE, syntax.verb() + ": " + what + "; usage: " + syntax.usage());
  }

  /** {@return whether only help was asked for; then nothing else was looked at} */
  public boolean isHelp() {
    return options.containsKey(Syntax.HELP);
  }

  /** {@return whether programs will read the answer} */
  public boolean isJson() {
    return options.containsKey(Syntax.JSON);
  }

  /** {@return whether an option was given} */
  public boolean has(String option) {
    return options.containsKey(option);
  }

  /** {@return the value of an option, or what it is if not given} */
  public String option(String option, String otherwise) {
    return options.getOrDefault(option, otherwise);
  }

  /** {@return the machine that is meant} */
  public Machine machine(Machines machines) throws MachineException {
    return Choice.machine(machines, option(Syntax.MACHINE, ""));
  }

  /** {@return a word, or what it is if not given} */
  public String text(String name, String otherwise) {
    int index = index(name);
    return index < positional.size() ? positional.get(index) : otherwise;
  }

  /** {@return a word that must be there} */
  public String text(String name) {
    return positional.get(index(name));
  }

  /** {@return all words from that one on} */
  public List<String> all(String name) {
    int index = Math.min(index(name), positional.size());
    return List.copyOf(positional.subList(index, positional.size()));
  }

  private int index(String name) {
    List<Syntax.Word> words = syntax.words();
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException(syntax.verb() + " has no word " + name);
  }

  /** {@return a word or option as a whole number within limits, if given} */
  public OptionalLong whole(String name, long least, long most) throws CommandException {
    String given = name.startsWith("-") ? options.get(name) : text(name, null);
    if (given == null) {
      return OptionalLong.empty();
    }
    try {
      long number = Long.decode(given);
      if (number >= least && number <= most) {
        return OptionalLong.of(number);
      }
    } catch (NumberFormatException e) {
      throw wrong(name + " must be a whole number, not \"" + given + "\"");
    }
    throw wrong(name + " must be a whole number from " + least + " to " + most + ", not " + given);
  }

  /** {@return a word as a path, relative to where the user stands} */
  public Path path(String name) {
    return directory.resolve(text(name)).normalize();
  }

  /** {@return where the user stands} */
  public Path directory() {
    return directory;
  }
}
