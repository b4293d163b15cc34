// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What may be typed after a shell command: words in a fixed order, and options in any. A value;
 * every method gives a larger one.
 *
 * <p>Most commands are about one machine. Its name may stand before all other words, or after
 * {@code --machine}; without it the only machine is meant.
 */
public final class Syntax {
  static final String MACHINE = "--machine";
  static final String JSON = "--json";
  static final String HELP = "--help";

  /**
   * A word.
   *
   * @param name what usage lines call it, in capitals
   */
  public record Word(
      String name, WordKind kind, String meaning, boolean isRequired, boolean isRepeated) {

    String usage() {
      return (isRequired ? name : "[" + name + "]") + (isRepeated ? "..." : "");
    }
  }

  /**
   * An option.
   *
   * @param name with its two hyphens
   * @param letter the short form, with its hyphen
   * @param value what usage lines call its value; null if it has none
   */
  public record Option(String name, String letter, String value, WordKind kind, String meaning) {

    /** {@return whether a value follows} */
    public boolean hasValue() {
      return value != null;
    }

    String usage() {
      return "[" + name + (hasValue() ? " " + value : "") + "]";
    }
  }

  private final String verb;
  private final String summary;
  private final String example;
  private final List<Word> words;
  private final List<Option> options;

  private Syntax(
      String verb, String summary, String example, List<Word> words, List<Option> options) {
    this.verb = verb;
    this.summary = summary;
    this.example = example;
    this.words = words;
    this.options = options;
  }

  /**
   * {@return a command without words or options}
   *
   * @param summary what it does, in half a line
   */
  public static Syntax of(String verb, String summary) {
    return new Syntax(verb, summary, "", List.of(), List.of());
  }

  private Syntax with(Word word) {
    return new Syntax(verb, summary, example, plus(words, word), options);
  }

  private Syntax with(Option option) {
    return new Syntax(verb, summary, example, words, plus(options, option));
  }

  private static <T> List<T> plus(List<T> list, T one) {
    List<T> longer = new ArrayList<>(list);
    longer.add(one);
    return Collections.unmodifiableList(longer);
  }

  /** {@return the same, about one machine} */
  public Syntax machine() {
    return with(new Option(MACHINE, "-m", "NAME", WordKind.MACHINE, "which machine"));
  }

  /** {@return the same with a word that must be there} */
  public Syntax word(String name, WordKind kind, String meaning) {
    return with(new Word(name, kind, meaning, true, false));
  }

  /** {@return the same with a word that may be left out} */
  public Syntax optional(String name, WordKind kind, String meaning) {
    return with(new Word(name, kind, meaning, false, false));
  }

  /** {@return the same with any number of words at the end} */
  public Syntax repeated(String name, WordKind kind, String meaning) {
    return with(new Word(name, kind, meaning, false, true));
  }

  /** {@return the same with an option that has a value} */
  public Syntax option(String name, String letter, String value, WordKind kind, String meaning) {
    return with(new Option(name, letter, value, kind, meaning));
  }

  /** {@return the same with an option that has none} */
  public Syntax flag(String name, String letter, String meaning) {
    return with(new Option(name, letter, null, WordKind.TEXT, meaning));
  }

  /** {@return the same with {@code --json}} */
  public Syntax json() {
    return flag(JSON, "-j", "print JSON, for programs");
  }

  /** {@return the same with a line that shows its use} */
  public Syntax example(String line) {
    return new Syntax(verb, summary, line, words, options);
  }

  /** {@return the command's name} */
  public String verb() {
    return verb;
  }

  /** {@return what the command does, in half a line} */
  public String summary() {
    return summary;
  }

  /** {@return the words in their order, without the machine} */
  public List<Word> words() {
    return words;
  }

  /** {@return the options} */
  public List<Option> options() {
    return options;
  }

  /** {@return whether the command is about one machine} */
  public boolean isAboutMachine() {
    return options.stream().anyMatch(o -> o.name().equals(MACHINE));
  }

  /** {@return one line that shows how to type it} */
  public String usage() {
    StringBuilder line = new StringBuilder(verb);
    if (isAboutMachine()) {
      line.append(" [MACHINE]");
    }
    words.forEach(word -> line.append(' ').append(word.usage()));
    for (Option option : options) {
      if (!option.name().equals(MACHINE)) {
        line.append(' ').append(option.usage());
      }
    }
    return line.toString();
  }

  /** {@return all there is to know about it, on several lines} */
  public String help() {
    StringBuilder text = new StringBuilder();
    text.append(verb).append(" - ").append(summary).append("\n\n");
    text.append("Usage: ").append(usage()).append('\n');
    List<String[]> lines = new ArrayList<>();
    if (isAboutMachine()) {
      lines.add(new String[] {"MACHINE", "its name; may be left out if there is only one"});
    }
    words.forEach(word -> lines.add(new String[] {word.name(), word.meaning()}));
    for (Option o : options) {
      String form = o.letter() + ", " + o.name() + (o.hasValue() ? " " + o.value() : "");
      lines.add(new String[] {form, o.meaning()});
    }
    int width = lines.stream().mapToInt(line -> line[0].length()).max().orElse(0);
    if (!lines.isEmpty()) {
      text.append('\n');
    }
    for (String[] line : lines) {
      String blanks = " ".repeat(width - line[0].length() + 3);
      text.append("  ").append(line[0]).append(blanks).append(line[1]).append('\n');
    }
    if (!example.isEmpty()) {
      text.append("\nExample: ").append(example).append('\n');
    }
    return text.toString();
  }
}
