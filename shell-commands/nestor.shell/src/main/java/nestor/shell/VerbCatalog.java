// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import nestor.api.machine.Machines;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** All commands that bundles offer, each made a function of the scope {@code nestor}. */
@Component(service = VerbCatalog.class, immediate = true)
public final class VerbCatalog {
  static final String SCOPE = "nestor";

  private final BundleContext context;
  private final Map<String, Verb> verbs = new ConcurrentSkipListMap<>();
  private final IdentityHashMap<Verbs, List<ServiceRegistration<?>>> functions =
      new IdentityHashMap<>();
  private volatile Machines machines;

  @Activate
  public VerbCatalog(BundleContext context) {
    this.context = context;
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setMachines(Machines newMachines) {
    machines = newMachines;
  }

  void unsetMachines(Machines oldMachines) {
    if (machines == oldMachines) {
      machines = null;
    }
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void addVerbs(Verbs offered) {
    List<ServiceRegistration<?>> registrations = new ArrayList<>();
    for (Verb verb : offered.verbs()) {
      verbs.put(verb.syntax().verb(), verb);
      registrations.add(
          context.registerService(
              Function.class,
              new VerbFunction(verb, this::isMachine),
              FrameworkUtil.asDictionary(
                  Map.of(
                      CommandProcessor.COMMAND_SCOPE,
                      SCOPE,
                      CommandProcessor.COMMAND_FUNCTION,
                      verb.syntax().verb()))));
    }
    synchronized (functions) {
      functions.put(offered, registrations);
    }
  }

  void removeVerbs(Verbs offered) {
    List<ServiceRegistration<?>> registrations;
    synchronized (functions) {
      registrations = functions.remove(offered);
    }
    if (registrations != null) {
      registrations.forEach(ServiceRegistration::unregister);
      offered.verbs().forEach(verb -> verbs.remove(verb.syntax().verb()));
    }
  }

  @Deactivate
  void deactivate() {
    synchronized (functions) {
      functions.values().forEach(all -> all.forEach(ServiceRegistration::unregister));
      functions.clear();
    }
  }

  /** {@return the commands in alphabetical order} */
  Collection<Verb> all() {
    return verbs.values();
  }

  /** {@return the command of that name, or null} */
  Verb find(String name) {
    return verbs.get(name);
  }

  /** {@return the machines, or null if nothing can make any} */
  Machines machines() {
    return machines;
  }

  private boolean isMachine(String word) {
    Machines all = machines;
    return all != null && all.find(word).isPresent();
  }
}
