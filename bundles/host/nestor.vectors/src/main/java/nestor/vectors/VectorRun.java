// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import nestor.isa.Isa;
import nestor.isa.Row;
import nestor.vectors.VectorMachine.Outcome;

/** Replays cases on a machine of its own, one after the other. */
final class VectorRun {
  private final VectorMachine machine;
  private final int keep;
  private final Set<String> offered = new HashSet<>();

  VectorRun(VectorMachine machine, int keep) {
    this.machine = machine;
    this.keep = keep;
    for (Row row : Isa.rows()) {
      if (machine.v.offered[row.index]) {
        for (String feature : row.feature.split("\\+")) {
          offered.add(plain(feature));
        }
      }
    }
  }

  /**
   * Names that the vectors give features which CPUID calls otherwise. PREFETCHW needs none: in long
   * mode it exists whatever the feature bit says (APM vol. 3, "PREFETCHlevel").
   */
  private static final Map<String, String> OTHER_NAMES =
      Map.of("CMPXCHG16B", "CX16", "PREFETCHW", "-");

  /** Feature names are compared without underscores: lists spell some with and some without. */
  private static String plain(String feature) {
    String name = OTHER_NAMES.getOrDefault(feature, feature);
    return name.replace("_", "").toUpperCase(Locale.ROOT);
  }

  /** {@return tallies by family} */
  Map<String, Tally> run(List<String> lines, String source) {
    Map<String, Tally> tallies = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      Comparison comparison = new Comparison(arena);
      for (String line : lines) {
        Vector vector = VectorFile.parse(line, source);
        Tally tally = tallies.computeIfAbsent(vector.family(), _ -> new Tally());
        String missing = missing(vector);
        if (missing != null) {
          tally.skip(missing + " is not offered");
          continue;
        }
        List<String> differences = replay(vector, comparison);
        if (differences.isEmpty()) {
          tally.passed++;
        } else {
          tally.failed++;
          if (tally.firstFailures.size() < keep) {
            tally.firstFailures.add(describe(vector, differences));
          }
        }
      }
    }
    return tallies;
  }

  private String missing(Vector vector) {
    for (String feature : vector.features) {
      if (!offered.contains(plain(feature))) {
        return feature;
      }
    }
    return null;
  }

  private List<String> replay(Vector vector, Comparison comparison) {
    try {
      machine.prepare(vector);
      comparison.remember(machine);
      Outcome outcome = machine.run(vector);
      return comparison.differences(machine, vector, outcome);
    } catch (RuntimeException e) {
      return List.of("failed inside Nestor: " + e + " at " + e.getStackTrace()[0]);
    }
  }

  private static String describe(Vector vector, List<String> differences) {
    String code = HexFormat.of().formatHex(vector.code);
    return vector.id
        + "  "
        + (code.length() > 40 ? code.substring(0, 40) + ".." : code)
        + "  "
        + vector.text
        + "\n      "
        + String.join("\n      ", differences.subList(0, Math.min(6, differences.size())));
  }
}
