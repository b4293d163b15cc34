// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.NearestWord;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Lists the commands, or explains one. */
@Component
public final class HelpCommand implements Command {
  /** What a newcomer wants first; the others follow by name. */
  private static final List<String> FIRST =
      List.of("demo", "run", "shell", "exec", "guests", "bench", "vectors", "test", "check");

  private final BundleContext context;

  @Activate
  public HelpCommand(BundleContext context) {
    this.context = context;
  }

  @Override
  public String name() {
    return "help";
  }

  @Override
  public String summary() {
    return "list the commands, or explain one";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor help [COMMAND]

        Lists the commands of ./nestor, or explains one. The commands of the shell
        have a help of their own: ./nestor -c help
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws CommandException {
    Map<String, Command> commands = commands();
    if (args.isEmpty()) {
      io.out().print(overview(commands.values()));
      return OK;
    }
    String word = args.get(0).equals("-c") ? "exec" : args.get(0);
    Command command = commands.get(word);
    if (command == null) {
      String nearest = NearestWord.to(word, commands.keySet());
      throw new CommandException(
          USAGE,
          "there is no command '"
              + word
              + "'"
              + (nearest == null
                  ? "; './nestor help' lists all"
                  : "; did you mean '" + nearest + "'?"));
    }
    io.out().print(command.help().stripTrailing() + "\n");
    return OK;
  }

  private Map<String, Command> commands() {
    Map<String, Command> commands = new TreeMap<>();
    for (Command command : ScriptCommand.ALL) {
      commands.put(command.name(), command);
    }
    try {
      for (ServiceReference<Command> reference :
          context.getServiceReferences(Command.class, null)) {
        Command command = context.getService(reference);
        if (command != null) {
          commands.put(command.name(), command);
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e); // there is no filter that could be wrong
    }
    return commands;
  }

  static String overview(Collection<Command> commands) {
    List<Command> sorted = new ArrayList<>(commands);
    sorted.sort(Comparator.comparingInt(HelpCommand::rank).thenComparing(Command::name));
    int width = sorted.stream().mapToInt(c -> c.name().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append("Nestor: a PC made of OSGi bundles, for nested virtualization.\n\n");
    text.append("Usage: ./nestor [--hot DIR] [COMMAND [ARGUMENTS]]\n\n");
    for (Command command : sorted) {
      text.append("  ").append(command.name());
      text.append(" ".repeat(width - command.name().length() + 3));
      text.append(command.summary()).append('\n');
    }
    text.append("\n'./nestor help COMMAND' explains one. Without a command the shell opens.\n");
    text.append("Start with './nestor demo'.\n");
    return text.toString();
  }

  private static int rank(Command command) {
    int index = FIRST.indexOf(command.name());
    return index < 0 ? FIRST.size() : index;
  }
}
