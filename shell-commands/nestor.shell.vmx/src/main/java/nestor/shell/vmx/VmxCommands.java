// SPDX-License-Identifier: Apache-2.0
package nestor.shell.vmx;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import nestor.api.shell.Table;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at what a hypervisor in the machine does with the hardware, and changing strategies. */
@Component(
    service = VmxCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=vmcs",
      "osgi.command.function=exits",
      "osgi.command.function=strategy"
    })
public final class VmxCommands {
  private static final int SHOWN = 20;

  private final Machines machines;

  /** What each machine's control structure held when it was last looked at with --diff. */
  private final Map<String, Map<String, Long>> seen = new ConcurrentHashMap<>();

  /** Speaks of these machines. */
  @Activate
  public VmxCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  /** Shows all fields of the current control structure. */
  @Descriptor("show the current VMCS of a vCPU")
  public String vmcs(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("only what has changed since the last look")
          @Parameter(
              names = {"-d", "--diff"},
              presentValue = "true",
              absentValue = "false")
          boolean diff,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("which vCPU")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "0")
          int cpu)
      throws MachineException {
    return vmcs(json, diff, machine, cpu, "");
  }

  /** Shows the fields whose names contain a word, or the rules that VM entry would find broken. */
  @Descriptor("show fields of the current VMCS by a part of their names; 'check': its errors")
  public String vmcs(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("only what has changed since the last look")
          @Parameter(
              names = {"-d", "--diff"},
              presentValue = "true",
              absentValue = "false")
          boolean diff,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("which vCPU")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "0")
          int cpu,
      @Descriptor("a part of the name, or 'check'") String field)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    if (field.equals("check")) {
      return check(one, cpu, json);
    }
    Map<String, Long> fields = one.controlStructure(cpu);
    if (fields.isEmpty()) {
      throw new MachineException("vCPU " + cpu + " of " + one.name() + " has no current VMCS");
    }
    Map<String, Long> before = diff ? seen.put(one.name() + cpu, new HashMap<>(fields)) : null;
    Table table = new Table("Field", "Value");
    for (Map.Entry<String, Long> entry : fields.entrySet()) {
      boolean changed =
          !diff || before == null || !entry.getValue().equals(before.get(entry.getKey()));
      if (changed && entry.getKey().contains(field.toLowerCase(Locale.ROOT))) {
        table.row(entry.getKey(), "0x" + Long.toHexString(entry.getValue()));
      }
    }
    return table.print(json);
  }

  private static String check(Machine machine, int cpu, boolean json) throws MachineException {
    List<String> broken = machine.controlStructureCheck(cpu);
    if (json) {
      return Json.write(broken);
    }
    return broken.isEmpty()
        ? "VM entry would find nothing wrong\n"
        : String.join("\n", broken) + "\n";
  }

  /** Counts VM exits by reason, and tells the last ones. */
  @Descriptor("count VM exits by reason, and tell the last ones")
  public String exits(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    Table table = new Table("Count", "Number");
    if (one.stats().get("virtualization") instanceof Map<?, ?> counts) {
      counts.forEach((name, number) -> table.row(name, number));
    }
    if (json) {
      return table.print(true);
    }
    StringBuilder out = new StringBuilder(table.print(false));
    for (CpuView cpu : one.cpus()) {
      List<String> recent = one.exits(cpu.index());
      out.append("vCPU ").append(cpu.index()).append(", the last exits:\n");
      for (String line : recent.subList(Math.max(0, recent.size() - SHOWN), recent.size())) {
        out.append("  ").append(line).append('\n');
      }
    }
    return out.toString();
  }

  /** Lists the strategies that can be exchanged. */
  @Descriptor("list the strategies and which are in use")
  public String strategy(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine)
      throws MachineException {
    Table table = new Table("Kind", "Strategy", "State");
    Choice.machine(machines, machine)
        .strategies()
        .forEach(
            (name, used) -> {
              String[] words = name.split("\\.", 2);
              table.row(words[0], words[1], used ? "in use" : "");
            });
    return table.print(json);
  }

  /** Exchanges a strategy while the machine runs. */
  @Descriptor("use another strategy from the next instruction on, such as 'tlb flush'")
  public String strategy(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("kind of strategy: tlb") String kind,
      @Descriptor("name of the strategy") String name)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    one.useStrategy(kind, name);
    return one.name() + " uses " + kind + " " + name;
  }
}
