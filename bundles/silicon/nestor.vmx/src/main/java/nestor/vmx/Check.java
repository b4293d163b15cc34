// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.virt.EntryCheck;

/**
 * One check of VM entry, a row.
 *
 * @param section title in SDM vol. 3C
 * @param message what is wrong if it does not hold, in words
 * @param qualification exit qualification of a failed check on guest state
 */
record Check(String section, String message, int qualification, Rule rule)
    implements EntryCheck<Vmx> {

  /** Looks at the current VMCS. */
  interface Rule {
    boolean holds(Vmx x);
  }

  @Override
  public String manual() {
    return "SDM vol. 3C";
  }

  @Override
  public boolean holds(Vmx x) {
    return rule.holds(x);
  }
}
