// SPDX-License-Identifier: Apache-2.0
package nestor.shell.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.command.CommandException;
import nestor.api.json.Json;
import nestor.api.machine.CpuView;
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
import nestor.api.virt.ExitWalk;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at vCPUs, and choosing what executes them. */
@Component
public final class CpuCommands implements Verbs {
  private static final int MOST_CPUS = 255;
  private static final int MOST_TRACED = 100_000;
  private static final String STATS = "stats";
  private static final int BLOCKS = 3;
  private static final int MOST_BLOCKS = 1000;

  private final Machines machines;

  /** Speaks of the vCPUs of these machines. */
  @Activate
  public CpuCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(Syntax.of("cpus", "list the vCPUs of a machine").machine().json(), this::cpus),
        new Verb(
            Syntax.of("regs", "show the registers of a vCPU")
                .machine()
                .optional("CPU", WordKind.TEXT, "its number, 0 if not given")
                .flag("--vectors", "-v", "x87 and vector registers too")
                .json()
                .example("regs m0 1 --vectors"),
            this::regs),
        new Verb(
            Syntax.of("why", "tell the last event of each vCPU, and the walk of its last VM exit")
                .machine()
                .json(),
            this::why),
        new Verb(
            Syntax.of("trace", "let a machine go on and record its next instructions")
                .machine()
                .word("COUNT", WordKind.TEXT, "how many, up to " + MOST_TRACED)
                .option("--cpu", "-c", "N", WordKind.TEXT, "only this vCPU")
                .json()
                .example("trace m0 20"),
            this::trace),
        new Verb(
            Syntax.of("engine", "list the engines, or let another one execute a machine")
                .machine()
                .optional(
                    "ENGINE", WordKind.ENGINE, "in force from the next instruction on; or stats")
                .option(
                    "--top", "-t", "N", WordKind.TEXT, "with stats: busiest blocks, 3 if not given")
                .json()
                .example("engine m0 stats --top 1"),
            this::engine));
  }

  private String cpus(Words words) throws MachineException {
    Table table = new Table("CPU", "Activity", "Mode", "RIP", "CPL", "Engine", "Last");
    for (CpuView cpu : words.machine(machines).cpus()) {
      table.row(
          cpu.index(),
          cpu.activity(),
          cpu.mode(),
          hex(cpu.linearRip()),
          cpu.registers().get("cpl"),
          cpu.engine(),
          cpu.lastEvent());
    }
    return table.print(words.isJson());
  }

  private String regs(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int index = (int) words.whole("CPU", 0, MOST_CPUS).orElse(0);
    CpuView view = Choice.cpu(machine, index);
    if (!words.isJson()) {
      return RegisterSheet.of(view, words.has("--vectors"));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    view.registers().forEach((name, value) -> all.put(name, hex(value)));
    if (words.has("--vectors")) {
      all.putAll(view.vectors());
    }
    return Json.write(all);
  }

  private static String hex(long value) {
    return String.format("%016x", value);
  }

  private String why(Words words) throws MachineException {
    Machine machine = words.machine(machines);
    Table table = new Table("CPU", "Last");
    List<ExitWalk> walks = new ArrayList<>();
    for (CpuView cpu : machine.cpus()) {
      table.row(cpu.index(), cpu.lastEvent());
      machine.virtualization().lastExit(cpu.index()).ifPresent(walks::add);
    }
    if (words.isJson()) {
      return walks.isEmpty()
          ? table.print(true)
          : Json.write(ExitSheet.json(machine.cpus(), walks));
    }
    StringBuilder out = new StringBuilder(table.print(false));
    walks.forEach(walk -> out.append(ExitSheet.text(walk)));
    return out.toString();
  }

  private String trace(Words words) throws MachineException, CommandException {
    int count = (int) words.whole("COUNT", 1, MOST_TRACED).orElseThrow();
    int cpu = (int) words.whole("--cpu", 0, MOST_CPUS).orElse(-1);
    Machine machine = words.machine(machines);
    Choice.mustBeOn(machine);
    if (cpu >= 0) {
      Choice.cpu(machine, cpu);
    }
    List<String> lines = machine.trace(cpu, count);
    return words.isJson() ? Json.write(lines) : String.join("\n", lines);
  }

  private String engine(Words words) throws MachineException, CommandException {
    String wanted = words.text("ENGINE", "");
    if (wanted.equals(STATS)) {
      int most = (int) words.whole("--top", 0, MOST_BLOCKS).orElse(BLOCKS);
      return EngineStats.text(words.machine(machines), most, words.isJson());
    }
    if (!wanted.isEmpty()) {
      Machine machine = words.machine(machines);
      machine.useEngine(wanted);
      return machine.name() + " runs on " + wanted;
    }
    Table table = new Table("Engine", "Machines");
    for (String engine : machines.engines()) {
      StringBuilder users = new StringBuilder();
      for (Machine machine : machines.list()) {
        if (machine.cpus().getFirst().engine().equals(engine)) {
          users.append(users.isEmpty() ? "" : ", ").append(machine.name());
        }
      }
      table.row(engine, users.toString());
    }
    return table.print(words.isJson());
  }
}
