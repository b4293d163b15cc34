// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

/**
 * What SVM can do, one line a capability: its bit in CPUID Fn8000_000A EDX, and the capability that
 * it cannot be without (APM vol. 3, appendix E, "SVM Revision and Feature Identification").
 */
enum Capability {
  NP(0, null),
  LBRV(1, null),
  SVML(2, null),
  NRIPS(3, null),
  TSC_RATE_MSR(4, null),
  VMCB_CLEAN(5, null),
  FLUSH_BY_ASID(6, null),
  DECODE_ASSISTS(7, null),
  PAUSE_FILTER(10, null),
  PAUSE_FILTER_THRESHOLD(12, PAUSE_FILTER),
  V_VMSAVE_VMLOAD(15, NP),
  VGIF(16, null),
  VNMI(25, VGIF),
  SVME_ADDR_CHK(28, null);

  private final int bit;
  private final Capability needs;

  Capability(int bit, Capability needs) {
    this.bit = bit;
    this.needs = needs;
  }

  int mask() {
    return 1 << bit;
  }

  Capability needs() {
    return needs;
  }
}
