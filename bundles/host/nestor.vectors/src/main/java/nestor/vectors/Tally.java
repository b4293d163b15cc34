// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came of the cases of one family. */
final class Tally {
  int passed;
  int failed;
  int skipped;
  final Map<String, Integer> skipReasons = new TreeMap<>();
  final List<String> firstFailures = new ArrayList<>();

  /** Adds the counts of another part of the same family. */
  void add(Tally other, int keep) {
    passed += other.passed;
    failed += other.failed;
    skipped += other.skipped;
    other.skipReasons.forEach((reason, count) -> skipReasons.merge(reason, count, Integer::sum));
    for (String failure : other.firstFailures) {
      if (firstFailures.size() < keep) {
        firstFailures.add(failure);
      }
    }
  }

  void skip(String reason) {
    skipped++;
    skipReasons.merge(reason, 1, Integer::sum);
  }
}
