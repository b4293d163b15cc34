// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

/**
 * One check of VMRUN: what must hold, where the manual says so, and what is wrong otherwise.
 *
 * @param section title in APM vol. 2
 * @param message what is wrong if it does not hold, in words
 */
record Check(String section, String message, Rule rule) {

  /** Looks at the VMCB, and at the host's registers, which are still in force. */
  interface Rule {
    boolean holds(Svm x);
  }

  @Override
  public String toString() {
    return message + " (APM vol. 2, \"" + section + "\")";
  }
}
