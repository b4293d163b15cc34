// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.virt.EntryCheck;

/**
 * One check of VMRUN, a row.
 *
 * @param section title in APM vol. 2
 * @param message what is wrong if it does not hold, in words
 */
record Check(String section, String message, Rule rule) implements EntryCheck<Svm> {

  /** Looks at the VMCB, and at the host's registers, which are still in force. */
  interface Rule {
    boolean holds(Svm x);
  }

  @Override
  public String manual() {
    return "APM vol. 2";
  }

  @Override
  public boolean holds(Svm x) {
    return rule.holds(x);
  }
}
