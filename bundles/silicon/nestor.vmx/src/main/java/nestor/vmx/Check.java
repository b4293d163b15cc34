// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

/**
 * One check of VM entry: what must hold, where the manual says so, and what is wrong otherwise.
 *
 * @param section title in SDM vol. 3C
 * @param message what is wrong if it does not hold, in words
 * @param qualification exit qualification of a failed check on guest state
 */
record Check(String section, String message, int qualification, Rule rule) {

  /** Looks at the current VMCS. */
  interface Rule {
    boolean holds(Vmx x);
  }

  @Override
  public String toString() {
    return message + " (SDM vol. 3C, \"" + section + "\")";
  }
}
