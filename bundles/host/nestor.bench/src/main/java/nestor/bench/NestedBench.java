// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The kernels of the guest program in L1 and then in L2, in one boot of each system. */
final class NestedBench {
  private static final String UNIT = "CPU-us/iteration";

  /** What our VMM says before it enters the guest's kernel. */
  private static final String L2_STARTS = "L2START";

  private static final double NANOS = 1e9;
  private static final double MICROS = 1e6;

  private final Run run;
  private final List<String> wrong = new ArrayList<>();

  NestedBench(Run run) {
    this.run = run;
  }

  /**
   * What both levels of one system did.
   *
   * @param boot CPU seconds of L2 from its start to its first user process
   */
  record Levels(Map<String, KernelResult> l1, Map<String, KernelResult> l2, double boot) {
    static final Levels NONE = new Levels(Map.of(), Map.of(), Double.NaN);

    /** {@return the levels in the stamped output of a run} */
    static Levels of(List<StampedLine> lines) {
      int start = find(lines, 0, L2_STARTS);
      int user = find(lines, start, BootBench.FIRST);
      double boot =
          user < lines.size()
              ? (lines.get(user).cpu().threads() - lines.get(start).cpu().threads()) / NANOS
              : Double.NaN;
      return new Levels(
          KernelResult.of(lines.subList(0, start)),
          KernelResult.of(lines.subList(start, lines.size())),
          boot);
    }

    private static int find(List<StampedLine> lines, int from, String text) {
      int n = from;
      while (n < lines.size() && !lines.get(n).text().equals(text)) {
        n++;
      }
      return n;
    }

    double l2Cost(String kernel) {
      return cost(l2, kernel);
    }

    /** {@return rate in L2 over the rate in L1} */
    double l2OverL1(String kernel) {
      return cost(l1, kernel) / cost(l2, kernel);
    }

    private static double cost(Map<String, KernelResult> results, String kernel) {
      KernelResult result = results.get(kernel);
      return result == null ? Double.NaN : result.cost();
    }
  }

  /** {@return what computed something else in L2 than in L1, for the user} */
  List<String> wrong() {
    return wrong;
  }

  List<Figure> measure() throws BenchException, IOException {
    Levels ours;
    try {
      ours = levels(run.nestor());
    } catch (BenchException e) {
      throw new BenchException("Nestor " + e.getMessage());
    }
    Levels theirs = Levels.NONE;
    if (run.qemu() != null) {
      try {
        theirs = levels(run.qemu());
      } catch (BenchException e) {
        run.progress().note("QEMU " + e.getMessage());
      }
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.of("nested.boot", "CPU-s", ours.boot(), theirs.boot(), Double.NaN));
    for (String kernel : run.options().kernels) {
      figures.add(
          Figure.of(
                  "nested." + kernel, UNIT, ours.l2Cost(kernel), theirs.l2Cost(kernel), Double.NaN)
              .with("l1", MICROS / Levels.cost(ours.l1(), kernel))
              .with("l2", MICROS / ours.l2Cost(kernel))
              .with("l2_over_l1", ours.l2OverL1(kernel))
              .with("qemu_l2_over_l1", theirs.l2OverL1(kernel)));
      compare(kernel, ours.l1().get(kernel), ours.l2().get(kernel));
    }
    return figures;
  }

  private void compare(String kernel, KernelResult l1, KernelResult l2) {
    if (l1 == null || l2 == null) {
      wrong.add(kernel + " printed nothing");
    } else if (l2.skipped() != null) {
      run.progress().note(kernel + " did not run in L2: " + l2.skipped());
    } else if (l2.checksum() == null || !l2.checksum().equals(l1.checksum())) {
      wrong.add(kernel + " computed " + l2.checksum() + " in L2 but " + l1.checksum() + " in L1");
    }
  }

  private Levels levels(GuestSystem system) throws BenchException, IOException {
    run.progress().step("the kernels in L1 and L2 under " + system.name());
    String calls =
        Kernels.lines(Kernels.calls(run.options().kernels, system::scale, run.options().runs));
    String script =
        calls + "cat >/tmp/l2.sh <<'L2'\n" + calls + "L2\nl2 /tmp/l2.sh && echo " + Kernels.DONE;
    return Levels.of(
        run.process(system.command(script)).runUntil(line -> line.equals(Kernels.DONE), true));
  }
}
