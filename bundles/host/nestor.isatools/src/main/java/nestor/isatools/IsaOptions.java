// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;

/** What follows the first word of {@code ./nestor isa}. */
final class IsaOptions {
  int mode = 64;
  long at;
  boolean json;
  boolean merge;
  final List<String> words = new ArrayList<>();

  private IsaOptions() {}

  static IsaOptions parse(List<String> args) throws CommandException {
    IsaOptions o = new IsaOptions();
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      switch (word) {
        case "--json" -> o.json = true;
        case "--merge" -> o.merge = true;
        case "--mode", "--at" -> {
          if (n + 1 == args.size()) {
            throw new CommandException(Command.USAGE, word + " needs a value");
          }
          o.value(word, args.get(++n));
        }
        default -> {
          if (word.startsWith("--")) {
            throw new CommandException(
                Command.USAGE, "unknown option " + word + "; see ./nestor help isa");
          }
          o.words.add(word);
        }
      }
    }
    return o;
  }

  private void value(String word, String value) throws CommandException {
    try {
      if (word.equals("--at")) {
        at = Long.parseUnsignedLong(value.replaceFirst("^0[xX]", ""), 16);
        return;
      }
      mode = Integer.parseInt(value);
      if (mode == 16 || mode == 32 || mode == 64) {
        return;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new CommandException(
        Command.USAGE,
        word
            + (word.equals("--at") ? " takes a hexadecimal address" : " is 16, 32 or 64")
            + ", not "
            + value);
  }

  String only(String what) throws CommandException {
    if (words.size() != 1) {
      throw new CommandException(Command.USAGE, "give " + what + "; see ./nestor help isa");
    }
    return words.getFirst();
  }

  String all(String what) throws CommandException {
    if (words.isEmpty()) {
      throw new CommandException(Command.USAGE, "give " + what + "; see ./nestor help isa");
    }
    return String.join(" ", words);
  }
}
