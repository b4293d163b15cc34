// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** The kernels of the guest program, each by the CPU time between its own lines. */
final class KernelBench {
  private static final String UNIT = "CPU-us/iteration";

  private final Run run;
  private final List<String> wrong = new ArrayList<>();

  KernelBench(Run run) {
    this.run = run;
  }

  /** {@return what computed something else than another place did, for the user} */
  List<String> wrong() {
    return wrong;
  }

  List<Figure> measure() throws BenchException, IOException {
    Map<String, KernelResult> nestor;
    try {
      nestor = guest(run.nestor());
    } catch (BenchException e) {
      throw new BenchException("Nestor " + e.getMessage());
    }
    Map<String, KernelResult> qemu = Map.of();
    if (run.qemu() != null) {
      try {
        qemu = guest(run.qemu());
      } catch (BenchException e) {
        run.progress().note("QEMU " + e.getMessage());
      }
    }
    Map<String, KernelResult> host = host();
    List<Figure> figures = new ArrayList<>();
    for (String kernel : run.options().kernels) {
      figures.add(
          Figure.of(
              "kernel." + kernel,
              UNIT,
              cost(nestor, kernel),
              cost(qemu, kernel),
              cost(host, kernel)));
      compare(kernel, nestor.get(kernel), host.getOrDefault(kernel, qemu.get(kernel)));
    }
    addMean(figures);
    return figures;
  }

  /** The mean of the ratios; what the host's memory bounds says nothing about Nestor. */
  private void addMean(List<Figure> figures) {
    double[] ratios =
        figures.stream()
            .filter(figure -> !figure.name().endsWith("." + Kernels.MEMORY_BOUND))
            .mapToDouble(Figure::ratio)
            .filter(Double::isFinite)
            .toArray();
    if (ratios.length > 1) {
      double mean = Medians.geometric(DoubleStream.of(ratios).boxed().toList());
      double none = Double.NaN;
      figures.add(new Figure("kernels.geometric-mean", "ratio", none, none, none, mean));
    }
  }

  private static double cost(Map<String, KernelResult> results, String kernel) {
    KernelResult result = results.get(kernel);
    return result == null ? Double.NaN : result.cost();
  }

  private void compare(String kernel, KernelResult ours, KernelResult theirs) {
    if (ours == null) {
      wrong.add(kernel + " printed nothing");
    } else if (ours.skipped() != null) {
      run.progress().note(kernel + " did not run: " + ours.skipped());
    } else if (theirs != null
        && theirs.checksum() != null
        && !theirs.checksum().equals(ours.checksum())) {
      wrong.add(kernel + " computed " + ours.checksum() + " instead of " + theirs.checksum());
    }
  }

  /** The host is so fast that its figures need many iterations. */
  private static double hostScale(String kernel) {
    return switch (kernel) {
      case Kernels.MEMORY_BOUND -> 1;
      case "repmovsb", "repstosq", "sse2fp", "avxfma", "avx2int" -> 200;
      default -> 20;
    };
  }

  private Map<String, KernelResult> guest(GuestSystem system) throws BenchException, IOException {
    run.progress().step("booting " + system.name());
    String script =
        Kernels.script(Kernels.calls(run.options().kernels, system::scale, run.options().runs));
    List<StampedLine> lines =
        run.process(system.command(script))
            .runUntil(
                line -> {
                  tell(line, system.name());
                  return line.equals(Kernels.DONE);
                },
                true);
    return KernelResult.of(lines);
  }

  private Map<String, KernelResult> host() throws BenchException, IOException {
    Path program = run.hostProgram();
    if (program == null) {
      run.progress().note("this host cannot run the guest's program: its column stays empty");
      return Map.of();
    }
    Map<String, KernelResult> results = new HashMap<>();
    int runs = run.options().runs;
    for (String kernel : run.options().kernels) {
      tell("B " + kernel + " 0", "the host");
      List<String> command = new ArrayList<>(List.of(program.toString()));
      // One more than needed, during which the last one that counts can be stamped: the figures
      // of a process end with it.
      List<String> one = List.of(kernel);
      command.addAll(Kernels.calls(one, KernelBench::hostScale, runs + 1).getFirst());
      String last = "E " + kernel + " " + (runs - 1) + " ";
      results.putAll(
          KernelResult.of(
              run.process(command)
                  .runUntil(line -> line.startsWith(last) || line.startsWith("S "), true)));
    }
    return results;
  }

  private void tell(String line, String where) {
    String[] words = line.split(" ");
    if (words.length == 3 && words[0].equals("B")) {
      run.progress()
          .detail(
              words[1]
                  + " on "
                  + where
                  + ", "
                  + (Integer.parseInt(words[2]) + 1)
                  + " of "
                  + run.options().runs);
    }
  }
}
