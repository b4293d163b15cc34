// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.List;
import java.util.function.Predicate;
import nestor.api.shell.Verb;
import nestor.api.shell.Words;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;

/** A command as Gogo calls it. */
record VerbFunction(Verb verb, Predicate<String> isMachine) implements Function {
  /** Set in the shell on a terminal, where a failure is a line and not the end of a script. */
  static final String INTERACTIVE = "interactive";

  @Override
  public Object execute(CommandSession session, List<Object> arguments) throws Exception {
    try {
      return run(session, arguments);
    } catch (Exception e) { // whatever a command throws, a person gets its message
      if (session.get(INTERACTIVE) == null) {
        throw e;
      }
      session.getConsole().println(e.getMessage() == null ? e.toString() : e.getMessage());
      return null;
    }
  }

  private String run(CommandSession session, List<Object> arguments) throws Exception {
    List<String> typed = arguments.stream().map(String::valueOf).toList();
    Words words =
        Words.parse(verb.syntax(), typed, session.currentDir(), isMachine)
            .printTo(session.getConsole(), session.get(INTERACTIVE) != null);
    String answer = words.isHelp() ? verb.syntax().help() : verb.action().run(words);
    if (answer.isEmpty()) {
      return null; // it has shown its lines already
    }
    return answer.endsWith("\n") ? answer.substring(0, answer.length() - 1) : answer;
  }
}
