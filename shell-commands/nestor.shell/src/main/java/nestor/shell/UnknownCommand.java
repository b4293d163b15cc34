// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Component;

/** What Gogo calls for a word that is no command: says so, with the nearest one that is. */
@Component(
    service = Function.class,
    property = {"osgi.command.scope=script", "osgi.command.function=default"})
public final class UnknownCommand implements Function {

  @Override
  public Object execute(CommandSession session, List<Object> arguments) throws CommandException {
    String word = String.valueOf(arguments.getFirst());
    TreeSet<String> known = new TreeSet<>();
    if (session.get(".commands") instanceof Set<?> all) {
      all.forEach(name -> known.add(name.toString().replaceFirst("^[^:]*:", "")));
    }
    String near = NearestWord.to(word, known);
    String text =
        "there is no shell command '"
            + word
            + "'"
            + (near == null ? "; 'help' lists them" : "; did you mean '" + near + "'?");
    if (session.get(VerbFunction.INTERACTIVE) == null) {
      throw new CommandException(Command.USAGE, text);
    }
    session.getConsole().println(text);
    return null;
  }
}
