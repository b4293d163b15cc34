// SPDX-License-Identifier: Apache-2.0
package nestor.shell.virt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import nestor.api.command.CommandException;
import nestor.api.json.Json;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import nestor.api.virt.ControlField;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code vmcs} and {@code vmcb}: the current control structure of a vCPU, with decoded bits. */
@Component
public final class StructureCommands implements Verbs {
  private static final int MOST_CPUS = 255;
  private static final String CHECK = "check";
  private static final long WATCHED = 10;
  private static final long PATIENCE_SECONDS = 60;

  private final Machines machines;

  /** What each vCPU's control structure held when it was last looked at with --diff. */
  private final Map<Machine, Map<Integer, Map<String, ControlField>>> seen =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** Speaks of these machines. */
  @Activate
  public StructureCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(verb("vmcs", "VMX", "guest_rip"), verb("vmcb", "SVM", "intercept_3"));
  }

  private Verb verb(String name, String feature, String field) {
    return new Verb(
        Syntax.of(name, "show the current " + upper(name) + " of a vCPU, or check it")
            .machine()
            .optional("FIELD", WordKind.CONTROL_FIELD, "a part of the fields' names, or 'check'")
            .option("--cpu", "-c", "N", WordKind.TEXT, "which vCPU, 0 if not given")
            .flag("--diff", "-d", "only what has changed since the last --diff")
            .flag("--watch", "-w", "run on and show what changes from exit to exit")
            .option("--count", "-n", "N", WordKind.TEXT, "exits to watch, " + WATCHED)
            .json()
            .example(name + " m0 " + field),
        words -> structure(words, name, feature));
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT);
  }

  private String structure(Words words, String name, String feature)
      throws MachineException, CommandException, InterruptedException {
    Machine machine = words.machine(machines);
    int cpu = (int) words.whole("--cpu", 0, MOST_CPUS).orElse(0);
    Inspection inspection = machine.virtualization();
    String has = inspection.feature(cpu);
    if (!has.equals(feature)) {
      String other = feature.equals("VMX") ? "vmcb" : "vmcs";
      throw new MachineException(
          has.isEmpty()
              ? "vCPU " + cpu + " of " + machine.name() + " has no hardware for virtual machines"
              : machine.name() + " has " + has + ": use " + other);
    }
    String part = words.text("FIELD", "").toLowerCase(Locale.ROOT);
    if (part.equals(CHECK)) {
      return check(inspection.check(cpu), upper(name), words.isJson());
    }
    if (words.has("--watch")) {
      return watch(machine, cpu, part, words);
    }
    List<ControlField> fields = inspection.fields(cpu);
    if (fields.isEmpty()) {
      throw new MachineException(
          "vCPU " + cpu + " of " + machine.name() + " has no current " + upper(name));
    }
    if (words.has("--diff")) {
      return diff(machine, cpu, fields, part, words.isJson());
    }
    Table table = new Table("Field", "Value", "Meaning");
    for (ControlField field : fields) {
      if (field.name().contains(part)) {
        table.row(field.name(), hex(field), field.meaning());
      }
    }
    return table.print(words.isJson());
  }

  static String hex(ControlField field) {
    return String.format("0x%0" + 2 * field.bytes() + "x", field.value());
  }

  private static String check(List<String> broken, String name, boolean json) {
    if (json) {
      return Json.write(broken);
    }
    return broken.isEmpty()
        ? "entry with this " + name + " would find nothing wrong"
        : String.join("\n", broken);
  }

  private String diff(
      Machine machine, int cpu, List<ControlField> fields, String part, boolean json) {
    Map<String, ControlField> before =
        seen.computeIfAbsent(machine, _ -> new ConcurrentHashMap<>()).put(cpu, byName(fields));
    Table table = new Table("Field", "Before", "Now", "Meaning");
    if (before == null && !json) {
      return "this is the first look: " + fields.size() + " fields are remembered";
    }
    for (ControlField field : before == null ? List.<ControlField>of() : fields) {
      ControlField old = before.get(field.name());
      if (field.name().contains(part) && (old == null || old.value() != field.value())) {
        table.row(field.name(), old == null ? "" : hex(old), hex(field), field.meaning());
      }
    }
    return table.print(json);
  }

  private static Map<String, ControlField> byName(List<ControlField> fields) {
    Map<String, ControlField> all = new LinkedHashMap<>();
    fields.forEach(field -> all.put(field.name(), field));
    return all;
  }

  private static String watch(Machine machine, int cpu, String part, Words words)
      throws MachineException, CommandException, InterruptedException {
    Choice.mustBeOn(machine);
    long count = words.whole("--count", 1, 1 << 20).orElse(WATCHED);
    Following following = new Following(count);
    boolean json = words.isJson();
    List<ControlField> last = new ArrayList<>(machine.virtualization().fields(cpu));
    try (Inspection.Listening _ =
        machine
            .virtualization()
            .listen(
                (event, fields) -> {
                  if (event.kind() == VmEvent.Kind.EXIT && event.cpu() == cpu) {
                    List<ControlField> now = fields.get();
                    following.offer(changes(event, last, now, part, json));
                    last.clear();
                    last.addAll(now);
                  }
                })) {
      return following.show(machine, words, PATIENCE_SECONDS);
    }
  }

  private static String changes(
      VmEvent exit, List<ControlField> before, List<ControlField> now, String part, boolean json) {
    Map<String, ControlField> old = byName(before);
    Map<String, Object> values = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    text.append(EventCommands.seconds(exit.nanos())).append("  ").append(exit.text());
    for (ControlField field : now) {
      ControlField was = old.get(field.name());
      if (field.name().contains(part) && (was == null || was.value() != field.value())) {
        values.put(field.name(), hex(field));
        text.append("\n  ").append(field.name()).append(' ');
        text.append(was == null ? "" : hex(was) + " -> ").append(hex(field));
        text.append(field.meaning().isEmpty() ? "" : "  " + field.meaning());
      }
    }
    if (!json) {
      return text.toString();
    }
    Map<String, Object> all = exit.members();
    all.put("changed", values);
    return Json.write(all);
  }
}
