// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.util.List;

/** The middle one of several figures. */
final class Medians {
  private Medians() {}

  /** {@return the median; NaN of nothing} */
  static double of(List<Double> figures) {
    if (figures.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** {@return the geometric mean; NaN of nothing} */
  static double geometric(List<Double> figures) {
    double logs = 0;
    for (double figure : figures) {
      logs += Math.log(figure);
    }
    return Math.exp(logs / figures.size());
  }
}
