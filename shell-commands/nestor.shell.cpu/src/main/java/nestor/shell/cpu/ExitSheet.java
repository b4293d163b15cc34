// SPDX-License-Identifier: Apache-2.0
package nestor.shell.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.machine.CpuView;
import nestor.api.machine.Translation;
import nestor.api.shell.Table;
import nestor.api.virt.ExitWalk;

/** The walk of a VM exit: its stations, and the second-level tables if they caused it. */
final class ExitSheet {
  private ExitSheet() {}

  static String text(ExitWalk walk) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            "%nThe last VM exit of vCPU %d, at %.6f s:%n",
            walk.exit().cpu(), walk.exit().nanos() / 1e9));
    Table hops = new Table("Station", "What happened");
    walk.hops().forEach(hop -> hops.row(hop.where(), hop.text()));
    out.append(hops.print(false));
    Translation tables = walk.secondLevel();
    if (tables != null) {
      out.append(
          String.format(
              "The second level now, for guest-physical address 0x%x:%n", tables.linear()));
      Table steps = new Table("Level", "Entry at", "Entry", "Meaning");
      for (Translation.Step step : tables.steps()) {
        steps.row(
            step.level(),
            String.format("%x", step.address()),
            String.format("%016x", step.value()),
            step.meaning());
      }
      out.append(steps.print(false));
      out.append(
          tables.fault() == null
              ? String.format("-> physical %x%n", tables.gpa())
              : "-> " + tables.fault() + "\n");
    }
    return out.toString();
  }

  static List<Object> json(List<CpuView> cpus, List<ExitWalk> walks) {
    List<Object> all = new ArrayList<>();
    for (CpuView cpu : cpus) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("cpu", cpu.index());
      one.put("last", cpu.lastEvent());
      for (ExitWalk walk : walks) {
        if (walk.exit().cpu() == cpu.index()) {
          one.put("exit", walk.exit().members());
          Map<String, Object> hops = new LinkedHashMap<>();
          walk.hops().forEach(hop -> hops.put(hop.where(), hop.text()));
          one.put("walk", hops);
          if (walk.secondLevel() != null) {
            one.put("secondLevel", steps(walk.secondLevel()));
          }
        }
      }
      all.add(one);
    }
    return all;
  }

  private static Map<String, Object> steps(Translation tables) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("address", "0x" + Long.toHexString(tables.linear()));
    all.put("fault", tables.fault());
    all.put("levels", tables.steps().stream().map(s -> s.level() + ": " + s.meaning()).toList());
    return all;
  }
}
