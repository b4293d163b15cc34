// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Map;
import java.util.TreeMap;
import nestor.isa.Insn;
import nestor.isa.Mnemonic;

/** What the engine counts, for people. */
final class Counters {
  private final long[] inJava = new long[Mnemonic.values().length];
  private long translated;
  private long translatedInstructions;
  private long translationNanos;

  long exits;
  long budgetExits;
  long edgeExits;
  long faults;
  long steps;
  long invalidations;
  long releases;
  long flushes;

  long startTranslation() {
    return System.nanoTime();
  }

  void endTranslation(long start, int instructions) {
    translated++;
    translatedInstructions += instructions;
    translationNanos += System.nanoTime() - start;
  }

  void interpreted(Insn i) {
    inJava[i.row.mnemonic.ordinal()]++;
  }

  void addTo(Map<String, Long> counters) {
    counters.put("translated.blocks", translated);
    counters.put("translated.instructions", translatedInstructions);
    counters.put("translation.nanos", translationNanos);
    counters.put("exits", exits);
    counters.put("exits.java", exits - budgetExits - edgeExits);
    counters.put("exits.budget", budgetExits);
    counters.put("exits.edge", edgeExits);
    counters.put("faults", faults);
    counters.put("steps", steps);
    counters.put("invalidations", invalidations);
    counters.put("releases", releases);
    counters.put("flushes", flushes);
    long total = 0;
    Map<Long, String> frequent = new TreeMap<>((a, b) -> Long.compare(b, a));
    for (Mnemonic m : Mnemonic.values()) {
      long count = inJava[m.ordinal()];
      total += count;
      if (count > 0) {
        frequent.merge(count, m.name(), (a, b) -> a + "," + b);
      }
    }
    counters.put("java.instructions", total);
    int shown = 0;
    for (Map.Entry<Long, String> e : frequent.entrySet()) {
      if (shown++ == 24) {
        break;
      }
      counters.put("java." + e.getValue(), e.getKey());
    }
  }
}
