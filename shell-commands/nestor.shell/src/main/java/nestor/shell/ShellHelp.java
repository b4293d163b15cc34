// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.NearestWord;
import nestor.api.shell.Syntax;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@code help} in the shell: Nestor's commands with a line each, or one in full. */
@Component
public final class ShellHelp implements Verbs {
  private final BundleContext context;

  @Activate
  public ShellHelp(BundleContext context) {
    this.context = context;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("help", "list the commands, or explain one")
                .optional("COMMAND", WordKind.TEXT, "which one")
                .example("help walk"),
            this::help));
  }

  private String help(Words words) throws CommandException {
    VerbCatalog catalog = catalog();
    String name = words.text("COMMAND", null);
    if (name == null) {
      return overview(catalog);
    }
    String verb = name.startsWith("nestor:") ? name.substring("nestor:".length()) : name;
    Verb found = catalog.find(verb);
    if (found == null) {
      String near =
          NearestWord.to(verb, catalog.all().stream().map(v -> v.syntax().verb()).toList());
      throw new CommandException(
          Command.USAGE,
          "there is no command "
              + name
              + " of Nestor"
              + (near == null ? "" : "; did you mean " + near + "?")
              + " (felix:help explains those of the framework)");
    }
    return found.syntax().help();
  }

  /**
   * Not bound but asked for: the catalog binds this, and two that wait for each other never come.
   */
  private VerbCatalog catalog() {
    ServiceReference<VerbCatalog> reference = context.getServiceReference(VerbCatalog.class);
    return context.getService(reference);
  }

  static String overview(VerbCatalog catalog) {
    int width = 0;
    for (Verb verb : catalog.all()) {
      width = Math.max(width, verb.syntax().verb().length());
    }
    StringBuilder text = new StringBuilder();
    for (Verb verb : catalog.all()) {
      String name = verb.syntax().verb();
      text.append("  ").append(name).append(" ".repeat(width - name.length() + 3));
      text.append(verb.syntax().summary()).append('\n');
    }
    text.append(
        "\n'help COMMAND' explains one. 'felix:help' lists the framework's commands too.\n");
    return text.toString();
  }
}
