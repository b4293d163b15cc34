// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import nestor.api.command.Command;
import nestor.api.command.CommandException;

/**
 * What the user typed, taken apart: options of the launcher, then the command's word, then what
 * belongs to the command.
 *
 * @param hotFolder where to watch for bundles, null for nowhere
 * @param word name of the command
 * @param arguments what follows the word
 */
record CommandLine(Path hotFolder, String word, List<String> arguments) {

  static final String SHELL = "shell";

  /** Commands that need no words of the shell, unless somebody at a terminal can ask for it. */
  private static final Set<String> WITHOUT_VERBS =
      Set.of("run", "guests", "bench", "vectors", "fuzz", "isa");

  static CommandLine parse(List<String> args) throws CommandException {
    Path hotFolder = null;
    int next = 0;
    while (next < args.size() && args.get(next).equals("--hot")) {
      if (next + 1 == args.size()) {
        throw new CommandException(Command.USAGE, "--hot needs a folder to watch for bundles");
      }
      hotFolder = Path.of(args.get(next + 1)).toAbsolutePath();
      next += 2;
    }
    if (next == args.size()) {
      return new CommandLine(hotFolder, SHELL, List.of());
    }
    String word = args.get(next);
    List<String> rest = args.subList(next + 1, args.size());
    return switch (word) {
      case "-h", "-?", "--help" -> new CommandLine(hotFolder, "help", rest);
      case "-c" -> {
        List<String> withSwitch = new ArrayList<>(rest);
        withSwitch.addFirst("-c");
        yield new CommandLine(hotFolder, "exec", withSwitch);
      }
      default -> {
        if (word.startsWith("-")) {
          throw new CommandException(
              Command.USAGE,
              "unknown option '"
                  + word
                  + "'; before the command only --hot DIR, -c and --help stand");
        }
        boolean wantsHelp = rest.contains("--help") && !word.equals("exec");
        yield wantsHelp
            ? new CommandLine(hotFolder, "help", List.of(word))
            : new CommandLine(hotFolder, word, rest);
      }
    };
  }

  /**
   * The features this command needs: the shell has a hot folder even if none was named.
   *
   * @param terminal whether standard input and output are one
   */
  LaunchOptions options(Path home, boolean terminal) {
    LaunchOptions options = LaunchOptions.of(home, "base", "machine", "commands");
    if (terminal || !WITHOUT_VERBS.contains(word)) {
      options = options.with("verbs");
    }
    if (word.equals(SHELL)) {
      Path folder = hotFolder == null ? home.resolve(".nestor/hot") : hotFolder;
      return options.with("shell").withHotFolder(folder);
    }
    return hotFolder == null ? options : options.withHotFolder(hotFolder);
  }
}
