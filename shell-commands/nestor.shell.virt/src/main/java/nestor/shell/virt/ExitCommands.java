// SPDX-License-Identifier: Apache-2.0
package nestor.shell.virt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.command.CommandException;
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
import nestor.api.virt.ExitCount;
import nestor.api.virt.VmEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code exits} and {@code strategy}: how often guests leave, and what that costs them. */
@Component
public final class ExitCommands implements Verbs {
  private static final int MOST_CPUS = 255;
  private static final long SHOWN = 20;

  private final Machines machines;

  /** Speaks of these machines. */
  @Activate
  public ExitCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(
            Syntax.of("exits", "count VM exits by level and reason, with their rates")
                .machine()
                .option("--cpu", "-c", "N", WordKind.TEXT, "only this vCPU")
                .flag("--rip", "-r", "tell guest addresses apart")
                .option("--count", "-n", "N", WordKind.TEXT, "rows at most, " + SHOWN)
                .json()
                .example("exits m0 --rip"),
            this::exits),
        new Verb(
            Syntax.of("strategy", "list strategies, or use another one from now on")
                .machine()
                .optional("KIND", WordKind.TEXT, "what it is a strategy of: tlb")
                .optional("NAME", WordKind.STRATEGY, "the strategy to use")
                .json()
                .example("strategy m0 tlb flush"),
            this::strategy));
  }

  /** What is counted together. */
  private record Row(int level, String reason, long rip) {}

  private String exits(Words words) throws MachineException, CommandException {
    Machine machine = words.machine(machines);
    int only = (int) words.whole("--cpu", 0, MOST_CPUS).orElse(-1);
    if (only >= 0) {
      Choice.cpu(machine, only);
    }
    long most = words.whole("--count", 1, 1 << 20).orElse(SHOWN);
    boolean rip = words.has("--rip");
    Map<Row, Long> counts = new LinkedHashMap<>();
    Map<Row, Double> rates = new HashMap<>();
    for (CpuView cpu : machine.cpus()) {
      if (only < 0 || only == cpu.index()) {
        for (ExitCount count : machine.virtualization().exitCounts(cpu.index())) {
          Row row = new Row(count.level(), count.reason(), rip ? count.rip() : -1);
          counts.merge(row, count.count(), Long::sum);
        }
        addRates(machine.virtualization().recentExits(cpu.index()), rip, rates);
      }
    }
    return print(counts, rates, rip, most, words.isJson());
  }

  /** Adds exits per guest second, over the time in which the last ones happened. */
  private static void addRates(List<VmEvent> recent, boolean rip, Map<Row, Double> rates) {
    if (recent.size() < 2) {
      return;
    }
    long window = recent.getLast().nanos() - recent.getFirst().nanos();
    for (VmEvent event : window > 0 ? recent.subList(1, recent.size()) : List.<VmEvent>of()) {
      Row row = new Row(event.level(), event.name(), rip ? event.rip() : -1);
      rates.merge(row, 1e9 / window, Double::sum);
    }
  }

  private static String print(
      Map<Row, Long> counts, Map<Row, Double> rates, boolean rip, long most, boolean json) {
    List<Map.Entry<Row, Long>> rows = new ArrayList<>(counts.entrySet());
    rows.sort(Map.Entry.<Row, Long>comparingByValue().reversed());
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    String[] columns = {"Level", "Reason", "RIP", "Count", "Share", "Rate"};
    Table table = new Table(rip ? columns : without(columns, "RIP"));
    for (Map.Entry<Row, Long> entry : rows.subList(0, (int) Math.min(most, rows.size()))) {
      Row row = entry.getKey();
      List<Object> cells = new ArrayList<>(List.of("L" + row.level(), row.reason()));
      if (rip) {
        cells.add(row.rip() == -1 ? "elsewhere" : "0x" + Long.toHexString(row.rip()));
      }
      cells.add(entry.getValue());
      cells.add(String.format(Locale.ROOT, "%.1f%%", 100.0 * entry.getValue() / all));
      cells.add(Math.round(rates.getOrDefault(row, 0.0)));
      table.row(cells.toArray());
    }
    if (json) {
      return table.print(true);
    }
    String rest = rows.size() > most ? rows.size() - most + " more rows; see --count\n" : "";
    return table.print(false) + rest + "Rate: exits per guest second, over each vCPU's last ones\n";
  }

  private static String[] without(String[] columns, String one) {
    return List.of(columns).stream().filter(c -> !c.equals(one)).toArray(String[]::new);
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
