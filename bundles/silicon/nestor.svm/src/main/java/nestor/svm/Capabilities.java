// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;

/** The capabilities that a vCPU has, and CPUID Fn8000_000A, which follows from them. */
final class Capabilities {
  /** SVM revision. */
  static final int REVISION = 1;

  /** Number of ASIDs. */
  static final int ASIDS = 0x8000;

  private final Set<Capability> present = EnumSet.noneOf(Capability.class);

  /**
   * Computes what there is.
   *
   * @param withheld names of capabilities that are not to be there
   */
  Capabilities(Predicate<String> withheld) {
    for (Capability capability : Capability.values()) {
      boolean possible = capability.needs() == null || present.contains(capability.needs());
      if (possible && !withheld.test(capability.name())) {
        present.add(capability);
      }
    }
  }

  boolean has(Capability capability) {
    return present.contains(capability);
  }

  void cpuid(int[] result) {
    result[0] = REVISION;
    result[1] = ASIDS;
    result[2] = 0;
    result[3] = 0;
    for (Capability capability : present) {
      result[3] |= capability.mask();
    }
  }
}
