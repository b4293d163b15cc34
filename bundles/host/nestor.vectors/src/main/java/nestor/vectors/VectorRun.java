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
import nestor.api.command.CommandException;
import nestor.isa.Isa;
import nestor.isa.Row;

/** Replays cases on a machine of its own, one after the other. */
final class VectorRun {
  /** Cases whose result depends on what real mode does not have. */
  private static final Set<String> PROTECTED_TAGS = Set.of("cpl3", "idt", "gdt");

  /**
   * Names that the vectors give features which CPUID calls otherwise. PREFETCHW needs none: in long
   * mode it exists whatever the feature bit says (APM vol. 3, "PREFETCHlevel").
   */
  private static final Map<String, String> OTHER_NAMES =
      Map.of("CMPXCHG16B", "CX16", "PREFETCHW", "-");

  private final Machine machine;
  private final VectorMachine vectors;
  private final int keep;
  private final boolean real;
  private final Set<String> offered = new HashSet<>();

  /**
   * Works on a machine.
   *
   * @param keep how many failures to describe per family
   * @param real whether 16-bit code runs in real mode, and nothing else runs
   * @param reached notes the rows that are executed; null for speed
   */
  VectorRun(Machine machine, int keep, boolean real, boolean[] reached) {
    this.machine = machine;
    this.keep = keep;
    this.real = real;
    vectors = new VectorMachine(machine, reached);
    for (Row row : Isa.rows()) {
      if (machine.offers(row)) {
        for (String feature : row.feature.split("\\+")) {
          offered.add(plain(feature));
        }
      }
    }
  }

  /** Feature names are compared without underscores: lists spell some with and some without. */
  private static String plain(String feature) {
    String plain = feature.replace("_", "").toUpperCase(Locale.ROOT);
    return OTHER_NAMES.getOrDefault(plain, plain);
  }

  /** {@return tallies by family} */
  Map<String, Tally> run(List<VectorFile.Line> lines) throws CommandException {
    Map<String, Tally> tallies = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      Comparison comparison = new Comparison(arena);
      for (VectorFile.Line line : lines) {
        Vector vector = line.parse();
        Tally tally = tallies.computeIfAbsent(vector.family(), _ -> new Tally());
        String reason = reasonToSkip(vector);
        if (reason != null) {
          tally.skip(reason);
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

  private String reasonToSkip(Vector vector) {
    for (String feature : vector.features) {
      if (!offered.contains(plain(feature))) {
        return feature + " is not offered";
      }
    }
    if (real && vector.codeBits != 16) {
      return "not 16-bit code";
    }
    for (String tag : vector.tags) {
      if (real && PROTECTED_TAGS.contains(tag)) {
        return "tag " + tag + " means protected mode";
      }
    }
    return real && vectors.needsProtectedMode(vector) ? "#UD in real mode" : null;
  }

  private List<String> replay(Vector vector, Comparison comparison) {
    Surroundings surroundings =
        real ? Surroundings.REAL16 : Surroundings.protectedOf(vector.codeBits);
    try {
      vectors.prepare(vector, surroundings);
      comparison.remember(machine);
      Outcome outcome = vectors.run(vector, surroundings);
      return comparison.differences(machine, vector, outcome, real);
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
