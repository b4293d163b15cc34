// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * VM exits of a bare L2: a loop of one instruction under our VMM, entered by Debian's KVM in L1.
 *
 * <p>CPUID, RDMSR and the nested page fault end in L1's kernel, OUT, HLT and MMIO in its user
 * space.
 */
final class ExitBench {
  private static final String UNIT = "CPU-us/exit";
  private static final String PREFIX = "micro-";
  private static final double MICROS = 1e6;

  /** What a system's scale is asked for. */
  static final String SCALE = "exits";

  /** Exits of one repetition at scale 1; a nested page fault needs a page. */
  private static final int COUNT = 10_000;

  private static final int PAGES = 16_000;
  private static final List<String> KINDS = List.of("cpuid", "rdmsr", "out", "hlt", "mmio", "npf");

  private final Run run;

  ExitBench(Run run) {
    this.run = run;
  }

  List<Figure> measure() throws BenchException, IOException {
    Map<String, KernelResult> ours;
    try {
      ours = exits(run.nestor());
    } catch (BenchException e) {
      throw new BenchException("Nestor " + e.getMessage());
    }
    Map<String, KernelResult> theirs = Map.of();
    if (run.qemu() != null) {
      try {
        theirs = exits(run.qemu());
      } catch (BenchException e) {
        run.progress().note("QEMU " + e.getMessage());
      }
    }
    List<Figure> figures = new ArrayList<>();
    for (String kind : KINDS) {
      double cost = cost(ours, kind);
      figures.add(
          Figure.of("exits." + kind, UNIT, cost, cost(theirs, kind), Double.NaN)
              .with("per_cpu_second", MICROS / cost));
    }
    return figures;
  }

  private static double cost(Map<String, KernelResult> results, String kind) {
    KernelResult result = results.get(PREFIX + kind);
    return result == null ? Double.NaN : result.cost();
  }

  private Map<String, KernelResult> exits(GuestSystem system) throws BenchException, IOException {
    run.progress().step("exits from L2 under " + system.name());
    return results(
        run.process(system.command(script(run.options().runs, system.scale(SCALE))))
            .runUntil(line -> line.equals(Kernels.DONE), true));
  }

  /** {@return a script for L1 that makes the exits of all kinds, several times} */
  static String script(int runs, double scale) {
    StringBuilder script = new StringBuilder();
    for (String kind : KINDS) {
      int count = (int) Math.max(1, COUNT * scale);
      int most = kind.equals("npf") ? Math.min(count, PAGES) : count;
      script.append(("minivmm micro " + kind + " " + most + "\n").repeat(runs));
    }
    return script.append("echo ").append(Kernels.DONE).append('\n').toString();
  }

  /** {@return the results in the stamped output of such a script} */
  static Map<String, KernelResult> results(List<StampedLine> lines) {
    List<String> names = KINDS.stream().map(kind -> PREFIX + kind).toList();
    return KernelResult.of(lines, names);
  }
}
