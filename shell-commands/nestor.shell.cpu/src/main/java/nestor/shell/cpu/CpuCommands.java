// SPDX-License-Identifier: Apache-2.0
package nestor.shell.cpu;

import java.util.LinkedHashMap;
import java.util.Map;
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

/** Looking at vCPUs, and choosing what executes them. */
@Component(
    service = CpuCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=cpus",
      "osgi.command.function=regs",
      "osgi.command.function=why",
      "osgi.command.function=trace",
      "osgi.command.function=engine"
    })
public final class CpuCommands {
  private static final int COLUMNS = 3;
  private static final int MOST_TRACED = 100_000;

  private final Machines machines;

  /** Speaks of the vCPUs of these machines. */
  @Activate
  public CpuCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  /** Lists the vCPUs. */
  @Descriptor("list the vCPUs of a machine")
  public String cpus(
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
    Table table = new Table("CPU", "Activity", "Mode", "RIP", "CPL", "Engine", "Last");
    for (CpuView cpu : Choice.machine(machines, machine).cpus()) {
      table.row(
          cpu.index(),
          cpu.activity(),
          cpu.mode(),
          hex(cpu.linearRip()),
          cpu.registers().get("cpl"),
          cpu.engine(),
          cpu.lastEvent());
    }
    return table.print(json);
  }

  /** Shows the registers of the first vCPU. */
  @Descriptor("show the registers of vCPU 0")
  public String regs(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("x87 and vector registers too")
          @Parameter(
              names = {"-v", "--vectors"},
              presentValue = "true",
              absentValue = "false")
          boolean vectors,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine)
      throws MachineException {
    return regs(json, vectors, machine, 0);
  }

  /** Shows registers. */
  @Descriptor("show the registers of a vCPU")
  public String regs(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("x87 and vector registers too")
          @Parameter(
              names = {"-v", "--vectors"},
              presentValue = "true",
              absentValue = "false")
          boolean vectors,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("number of the vCPU") int cpu)
      throws MachineException {
    CpuView view = Choice.cpu(Choice.machine(machines, machine), cpu);
    Map<String, Object> all = new LinkedHashMap<>();
    view.registers().forEach((name, value) -> all.put(name, hex(value)));
    if (vectors) {
      all.putAll(view.vectors());
    }
    if (json) {
      return Json.write(all);
    }
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (Map.Entry<String, Object> register : all.entrySet()) {
      boolean wide = register.getValue().toString().length() > 20;
      out.append(String.format("%-16s %-18s", register.getKey(), register.getValue()));
      out.append(wide || ++column % COLUMNS == 0 ? "\n" : "  ");
    }
    return out.append(column % COLUMNS == 0 ? "" : "\n").toString();
  }

  private static String hex(long value) {
    return String.format("%016x", value);
  }

  /** Tells the last exception or interrupt of each vCPU. */
  @Descriptor("tell the last exception or interrupt of each vCPU")
  public String why(
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
    Table table = new Table("CPU", "Last");
    for (CpuView cpu : Choice.machine(machines, machine).cpus()) {
      table.row(cpu.index(), cpu.lastEvent());
    }
    return table.print(json);
  }

  /** Records instructions. */
  @Descriptor("record the next instructions")
  public String trace(
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
          String machine,
      @Descriptor("only this vCPU")
          @Parameter(
              names = {"-c", "--cpu"},
              absentValue = "-1")
          int cpu,
      @Descriptor("how many") int instructions)
      throws MachineException {
    if (instructions < 1 || instructions > MOST_TRACED) {
      throw new IllegalArgumentException(
          "trace records 1 to " + MOST_TRACED + " instructions at a time");
    }
    var lines = Choice.machine(machines, machine).trace(cpu, instructions);
    return json ? Json.write(lines) : String.join("\n", lines) + "\n";
  }

  /** Lists the engines. */
  @Descriptor("list the engines that can run on this host")
  public String engine() {
    return String.join("\n", machines.engines()) + "\n";
  }

  /** Changes the engine. */
  @Descriptor("let another engine execute the vCPUs from the next instruction on")
  public String engine(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("its name") String engine)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    one.useEngine(engine);
    return one.name() + " runs on " + engine;
  }
}
