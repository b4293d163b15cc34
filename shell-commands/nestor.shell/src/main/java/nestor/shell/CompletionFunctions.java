// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.ArrayList;
import java.util.List;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Syntax;
import nestor.api.shell.Verb;
import org.apache.felix.service.command.CommandSession;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What the shell's start-up file and its completer call; people have no use for it. */
@Component(
    service = CompletionFunctions.class,
    property = {
      "osgi.command.scope=completion",
      "osgi.command.function=declare",
      "osgi.command.function=candidates"
    })
public final class CompletionFunctions {
  private final VerbCatalog catalog;
  private volatile ProfileLibrary profiles;
  private volatile DeviceCatalog devices;

  @Activate
  public CompletionFunctions(@Reference VerbCatalog catalog) {
    this.catalog = catalog;
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setProfiles(ProfileLibrary library) {
    profiles = library;
  }

  void unsetProfiles(ProfileLibrary library) {
    profiles = profiles == library ? null : profiles;
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setDevices(DeviceCatalog newDevices) {
    devices = newDevices;
  }

  void unsetDevices(DeviceCatalog oldDevices) {
    devices = devices == oldDevices ? null : devices;
  }

  /** Tells JLine's completer about every command: a description, its options, and whom to ask. */
  public void declare(CommandSession session) throws Exception {
    for (Verb verb : catalog.all()) {
      Syntax syntax = verb.syntax();
      String complete = "gogo:complete -c " + VerbCatalog.SCOPE + ":" + syntax.verb();
      session.execute(complete + " -d '" + syntax.summary() + "'");
      String ask = " -a 'completion:candidates ($.commandLine words) ($.commandLine wordIndex)'";
      session.execute(complete + ask);
      for (Syntax.Option option : syntax.options()) {
        session.execute(
            complete
                + " -l "
                + option.name().substring(2)
                + " -s "
                + option.letter().substring(1)
                + " --description '"
                + option.meaning()
                + "'"
                + (option.hasValue() ? ask : ""));
      }
    }
  }

  /** {@return what may stand at a place of the line that is being typed} */
  public List<String> candidates(List<?> words, int index) {
    List<String> typed = new ArrayList<>();
    words.forEach(word -> typed.add(word.toString()));
    String name = typed.getFirst();
    Verb verb = catalog.find(name.substring(name.indexOf(':') + 1));
    if (verb == null) {
      return List.of();
    }
    String begun = index < typed.size() ? typed.get(index) : "";
    return new Completion(verb, catalog.machines(), profiles, devices)
        .candidates(typed.subList(1, Math.min(index, typed.size())), begun);
  }
}
