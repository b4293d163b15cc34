// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;

/** Splits the options of a command that runs machines from those that say which machine. */
final class OwnOptions {
  /** What is left: the profile, and options of {@code run}. */
  final List<String> rest = new ArrayList<>();

  private final Map<String, String> values = new HashMap<>();

  /**
   * Takes a command line apart.
   *
   * @param valued the command's options with a value
   * @param flags its options without
   */
  OwnOptions(List<String> args, Set<String> valued, Set<String> flags) throws CommandException {
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      int equals = word.startsWith("--") ? word.indexOf('=') : -1;
      String name = equals > 0 ? word.substring(0, equals) : word;
      if (flags.contains(name)) {
        if (equals > 0) {
          throw RunOptions.usage(name + " takes no value");
        }
        values.put(name, "");
      } else if (!valued.contains(name)) {
        refuseUnknown(name, valued, flags);
        rest.add(word);
      } else if (equals > 0) {
        values.put(name, word.substring(equals + 1));
      } else if (n + 1 == args.size()) {
        throw RunOptions.usage(name + " needs a value");
      } else {
        values.put(name, args.get(++n));
      }
    }
  }

  private static void refuseUnknown(String word, Set<String> valued, Set<String> flags)
      throws CommandException {
    if (!word.startsWith("--") || RunOptions.NAMES.contains(word)) {
      return;
    }
    List<String> known = new ArrayList<>(RunOptions.NAMES);
    known.addAll(valued);
    known.addAll(flags);
    String near = NearestWord.to(word, known);
    throw RunOptions.usage(
        "unknown option " + word + (near == null ? "" : "; did you mean " + near + "?"));
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /** {@return a whole number from 1 on} */
  long count(String name, long otherwise) throws CommandException {
    String text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text.replace("_", ""));
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw RunOptions.usage(name + " needs a whole number, not \"" + text + "\"");
    }
    throw RunOptions.usage(name + " needs a whole number from 1 on, not " + text);
  }

  /**
   * {@return names of engines} A comma stands between two engines, and in the names of some.
   *
   * @param known the engines that there are
   */
  List<String> engines(String name, String otherwise, List<String> known) throws CommandException {
    List<String> found = new ArrayList<>();
    for (String word : text(name, otherwise).split(",", -1)) {
      String longer = found.isEmpty() ? "" : found.getLast() + "," + word;
      if (known.contains(longer)) {
        found.set(found.size() - 1, longer);
      } else if (known.contains(word)) {
        found.add(word);
      } else {
        throw RunOptions.usage(
            "there is no engine " + word + "; there are: " + String.join(", ", known));
      }
    }
    return found;
  }
}
