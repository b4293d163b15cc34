// SPDX-License-Identifier: Apache-2.0
package nestor.shell.cpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;

/** What a machine's engine has done so far. */
final class EngineStats {
  private static final List<String> MAPS = List.of("instructionsByEngine", "engineCounters");

  private EngineStats() {}

  /**
   * {@return counters, and the busiest blocks with guest and host code}
   *
   * @param most blocks
   */
  static String text(Machine machine, int most, boolean json) throws MachineException {
    Map<String, Object> stats = machine.stats();
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("engine", stats.get("engine"));
    for (String name : MAPS) {
      shown.put(name, stats.get(name));
    }
    List<List<String>> busiest = machine.busiest(most);
    if (json) {
      shown.put("busiestBlocks", busiest);
      return Json.write(shown);
    }
    StringBuilder out = new StringBuilder();
    out.append("engine ").append(shown.get("engine")).append('\n');
    for (String name : MAPS) {
      out.append(name).append('\n');
      if (stats.get(name) instanceof Map<?, ?> counters) {
        counters.forEach((key, count) -> out.append(String.format("  %-26s %16s%n", key, count)));
      }
    }
    busiest.forEach(block -> out.append('\n').append(String.join("\n", block)).append('\n'));
    return out.toString();
  }
}
