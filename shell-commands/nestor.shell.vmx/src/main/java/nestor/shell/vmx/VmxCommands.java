// SPDX-License-Identifier: Apache-2.0
package nestor.shell.vmx;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import nestor.api.command.CommandException;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import nestor.api.virt.ControlField;
import nestor.api.virt.VmEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at what a hypervisor in the machine does with the hardware, and changing strategies. */
@Component
public final class VmxCommands implements Verbs {
  private static final int MOST_CPUS = 255;
  private static final int SHOWN = 20;
  private static final String CHECK = "check";

  private final Machines machines;

  /** What each vCPU's control structure held when it was last looked at with --diff. */
  private final Map<String, Map<String, Long>> seen = new ConcurrentHashMap<>();

  /** Speaks of these machines. */
  @Activate
  public VmxCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("vmcs", "show the current VMCS of a vCPU, or what VM entry would refuse")
                .machine()
                .optional("FIELD", WordKind.TEXT, "a part of the fields' names, or 'check'")
                .option("--cpu", "-c", "N", WordKind.TEXT, "which vCPU, 0 if not given")
                .flag("--diff", "-d", "only what has changed since the last look")
                .json()
                .example("vmcs m0 guest_rip"),
            this::vmcs),
        new Verb(
            Syntax.of("exits", "count VM exits by reason, and tell the last ones").machine().json(),
            this::exits),
        new Verb(
            Syntax.of("strategy", "list strategies, or use another one from now on")
                .machine()
                .optional("KIND", WordKind.TEXT, "what it is a strategy of: tlb")
                .optional("NAME", WordKind.TEXT, "the strategy to use")
                .json()
                .example("strategy m0 tlb flush"),
            this::strategy));
  }

  private String vmcs(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int cpu = (int) words.whole("--cpu", 0, MOST_CPUS).orElse(0);
    String part = words.text("FIELD", "").toLowerCase(Locale.ROOT);
    if (part.equals(CHECK)) {
      return check(machine.virtualization().check(cpu), words.isJson());
    }
    Map<String, Long> fields = new LinkedHashMap<>();
    for (ControlField field : machine.virtualization().fields(cpu)) {
      fields.put(field.name(), field.value());
    }
    if (fields.isEmpty()) {
      throw new MachineException("vCPU " + cpu + " of " + machine.name() + " has no current VMCS");
    }
    Map<String, Long> before = Map.of();
    if (words.has("--diff")) {
      Map<String, Long> last = seen.put(machine.name() + "/" + cpu, new HashMap<>(fields));
      before = last == null ? before : last;
    }
    Table table = new Table("Field", "Value");
    for (Map.Entry<String, Long> field : fields.entrySet()) {
      boolean same = field.getValue().equals(before.get(field.getKey()));
      if (!same && field.getKey().contains(part)) {
        table.row(field.getKey(), "0x" + Long.toHexString(field.getValue()));
      }
    }
    return table.print(words.isJson());
  }

  private static String check(List<String> broken, boolean json) {
    if (json) {
      return Json.write(broken);
    }
    return broken.isEmpty() ? "VM entry would find nothing wrong" : String.join("\n", broken);
  }

  private String exits(Words words) throws MachineException {
    Machine machine = words.machine(machines);
    Table table = new Table("What", "Count");
    if (machine.stats().get("virtualization") instanceof Map<?, ?> counts) {
      counts.forEach((name, number) -> table.row(name, number));
    }
    if (words.isJson()) {
      return table.print(true);
    }
    StringBuilder out = new StringBuilder(table.print(false));
    for (CpuView cpu : machine.cpus()) {
      List<VmEvent> recent = machine.virtualization().recentExits(cpu.index());
      out.append("vCPU ").append(cpu.index()).append(", the last exits:\n");
      for (VmEvent exit : recent.subList(Math.max(0, recent.size() - SHOWN), recent.size())) {
        out.append(
            String.format(
                "  %d ns exit %d %s, information 0x%x, guest rip 0x%x%n",
                exit.nanos(), exit.number() & 0xFFFF, exit.name(), exit.info(), exit.rip()));
      }
    }
    return out.toString();
  }

  private String strategy(Words words) throws MachineException {
    Machine machine = words.machine(machines);
    String name = words.text("NAME", "");
    if (!name.isEmpty()) {
      String kind = words.text("KIND");
      machine.useStrategy(kind, name);
      return machine.name() + " uses " + kind + " " + name;
    }
    Table table = new Table("Kind", "Strategy", "State");
    for (Map.Entry<String, Boolean> one : machine.strategies().entrySet()) {
      int dot = one.getKey().indexOf('.');
      table.row(
          one.getKey().substring(0, dot),
          one.getKey().substring(dot + 1),
          one.getValue() ? "in use" : "");
    }
    return table.print(words.isJson());
  }
}
