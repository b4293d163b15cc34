// SPDX-License-Identifier: Apache-2.0
package nestor.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceType;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Choice;
import nestor.api.shell.Syntax;
import nestor.api.shell.Verb;
import nestor.api.shell.WordKind;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;

/** What may stand at a place of a half-typed command. */
final class Completion {
  private static final List<String> EVENT_KINDS =
      Arrays.stream(VmEvent.Kind.values()).map(VmEvent.Kind::word).toList();

  private final Syntax syntax;
  private final Machines machines;
  private final ProfileLibrary profiles;
  private final DeviceCatalog devices;

  /** Any of the services may be null; what they know is then not offered. */
  Completion(Verb verb, Machines machines, ProfileLibrary profiles, DeviceCatalog devices) {
    this.syntax = verb.syntax();
    this.machines = machines;
    this.profiles = profiles;
    this.devices = devices;
  }

  /**
   * {@return the words that may stand there}
   *
   * @param before the words between the command and the place
   * @param begun what is typed at the place so far
   */
  List<String> candidates(List<String> before, String begun) {
    String last = before.isEmpty() ? "" : before.getLast();
    for (Syntax.Option option : syntax.options()) {
      if (option.hasValue() && (last.equals(option.name()) || last.equals(option.letter()))) {
        return words(option.kind(), machineName(before));
      }
    }
    if (begun.startsWith("-")) {
      List<String> options = new ArrayList<>(syntax.options().stream().map(o -> o.name()).toList());
      options.removeAll(before);
      options.add("--help");
      return options;
    }
    List<String> positional = positional(before);
    TreeSet<String> all = new TreeSet<>();
    String machine = machineName(before);
    boolean leads = syntax.isAboutMachine() && !machine.isEmpty() && positional.contains(machine);
    int place = positional.size() - (leads ? 1 : 0);
    if (syntax.isAboutMachine() && positional.isEmpty() && machine.isEmpty()) {
      all.addAll(words(WordKind.MACHINE, ""));
    }
    List<Syntax.Word> words = syntax.words();
    if (place < words.size()) {
      all.addAll(words(words.get(place).kind(), machine));
    } else if (!words.isEmpty() && words.getLast().isRepeated()) {
      all.addAll(words(words.getLast().kind(), machine));
    }
    return List.copyOf(all);
  }

  private List<String> positional(List<String> before) {
    List<String> positional = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      String word = before.get(i);
      if (!word.startsWith("-")) {
        positional.add(word);
        continue;
      }
      for (Syntax.Option option : syntax.options()) {
        boolean isIt = word.equals(option.name()) || word.equals(option.letter());
        i += isIt && option.hasValue() ? 1 : 0;
      }
    }
    return positional;
  }

  private String machineName(List<String> before) {
    for (int i = 0; i + 1 < before.size(); i++) {
      if (before.get(i).equals("-m") || before.get(i).equals("--machine")) {
        return before.get(i + 1);
      }
    }
    List<String> positional = positional(before);
    boolean leads =
        machines != null
            && !positional.isEmpty()
            && machines.find(positional.getFirst()).isPresent();
    return leads ? positional.getFirst() : "";
  }

  private List<String> words(WordKind kind, String machine) {
    try {
      return switch (kind) {
        case TEXT -> List.of();
        case MACHINE -> machines == null ? List.of() : names();
        case ENGINE -> machines == null ? List.of() : machines.engines();
        case PROFILE -> profiles == null ? List.of() : profiles.names();
        case DEVICE_TYPE ->
            devices == null ? List.of() : devices.types().stream().map(DeviceType::word).toList();
        case DEVICE -> chosen(machine).devices().stream().map(DeviceView::name).toList();
        case CONSOLE -> chosen(machine).consoles().stream().map(c -> c.device()).toList();
        case STRATEGY -> strategies(chosen(machine));
        case CONTROL_FIELD -> chosen(machine).virtualization().fieldNames(0);
        case EVENT_KIND -> EVENT_KINDS;
        case BREAK_KIND -> List.of("exit", "field");
        case BREAK_NAME -> breakNames(chosen(machine).virtualization());
        case ADDRESS -> List.copyOf(chosen(machine).cpus().getFirst().registers().keySet());
      };
    } catch (MachineException e) {
      return List.of(); // it is not clear which machine, or it does not answer: nothing to offer
    }
  }

  private static List<String> strategies(Machine machine) throws MachineException {
    return machine.strategies().keySet().stream()
        .map(name -> name.substring(name.indexOf('.') + 1))
        .toList();
  }

  private static List<String> breakNames(Inspection inspection) throws MachineException {
    List<String> all = new ArrayList<>(inspection.fieldNames(0));
    inspection.reasons(0).forEach(reason -> all.add(reason.replace(' ', '-')));
    return all;
  }

  private List<String> names() {
    return machines.list().stream().map(Machine::name).toList();
  }

  private Machine chosen(String name) throws MachineException {
    if (machines == null) {
      throw new MachineException("nothing can make machines");
    }
    return Choice.machine(machines, name);
  }
}
