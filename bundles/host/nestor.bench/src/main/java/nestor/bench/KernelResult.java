// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel cost in one place.
 *
 * @param costs CPU microseconds of one iteration, one figure a repetition
 * @param checksum of what it computed; null if it did not say
 * @param skipped why it could not run; null if it could
 */
record KernelResult(List<Double> costs, String checksum, String skipped) {
  private static final Pattern LINE = Pattern.compile("([BECS]) ([\\w-]+) (\\S+)(?: (\\d+) .*)?");

  double cost() {
    return Medians.of(costs);
  }

  /** {@return the results in the stamped output of {@code bench}, by kernel} */
  static Map<String, KernelResult> of(List<StampedLine> lines) {
    return of(lines, Kernels.NAMES);
  }

  /** {@return the results of what bears one of these names} */
  static Map<String, KernelResult> of(List<StampedLine> lines, Collection<String> names) {
    Map<String, KernelResult> results = new LinkedHashMap<>();
    CpuSample begin = CpuSample.ZERO;
    for (StampedLine line : lines) {
      Matcher m = LINE.matcher(line.text());
      if (!m.matches() || !names.contains(m.group(2))) {
        continue;
      }
      String name = m.group(2);
      KernelResult before =
          results.getOrDefault(name, new KernelResult(new ArrayList<>(), null, null));
      switch (m.group(1)) {
        case "B" -> begin = line.cpu();
        case "C" -> results.put(name, new KernelResult(before.costs, m.group(3), null));
        case "S" -> results.put(name, new KernelResult(before.costs, null, m.group(3)));
        default -> {
          double nanos = line.cpu().threads() - begin.threads();
          if (nanos > 0) { // both lines at once say nothing
            before.costs.add(nanos / 1e3 / Long.parseLong(m.group(4)));
          }
          results.put(name, before);
        }
      }
    }
    return results;
  }
}
