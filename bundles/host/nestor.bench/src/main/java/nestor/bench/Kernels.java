// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The kernels of the guest program {@code bench}, in its order, and the words that run them. */
final class Kernels {
  static final List<String> NAMES =
      List.of(
          "sieve",
          "sha256",
          "qsort",
          "matmul",
          "interp",
          "repmovsb",
          "repstosq",
          "ssecopy",
          "ssescan",
          "strbyte",
          "nbody",
          "sse2fp",
          "avxfma",
          "avx2int",
          "chase64M",
          "syscall",
          "pgfault",
          "pipe",
          "fork");

  /** Bound by the host's memory, so as slow everywhere. */
  static final String MEMORY_BOUND = "chase64M";

  private Kernels() {}

  /** How many times a kernel's usual iterations give a good figure in one place. */
  interface Scale {
    double of(String kernel);
  }

  /** {@return arguments of {@code bench}, one list a call} A call has one scale for its kernels. */
  static List<List<String>> calls(List<String> kernels, Scale scale, int repetitions) {
    Map<Double, List<String>> byScale = new LinkedHashMap<>();
    for (String kernel : kernels) {
      byScale.computeIfAbsent(scale.of(kernel), _ -> new ArrayList<>()).add(kernel);
    }
    List<List<String>> calls = new ArrayList<>();
    byScale.forEach(
        (factor, names) -> {
          List<String> words = new ArrayList<>();
          words.addAll(List.of("-s", String.format(Locale.ROOT, "%.4f", factor)));
          words.addAll(List.of("-r", Integer.toString(repetitions)));
          words.addAll(names);
          calls.add(words);
        });
    return calls;
  }

  /** {@return a script for a guest's shell that makes these calls and then says so} */
  static String script(List<List<String>> calls) {
    return lines(calls) + "echo " + DONE + '\n';
  }

  /** {@return the lines of a script that make these calls} */
  static String lines(List<List<String>> calls) {
    StringBuilder script = new StringBuilder();
    for (List<String> call : calls) {
      script.append("bench ").append(String.join(" ", call)).append('\n');
    }
    return script.toString();
  }

  /** Last line of the script. */
  static final String DONE = "NESTOR-BENCH-DONE";
}
