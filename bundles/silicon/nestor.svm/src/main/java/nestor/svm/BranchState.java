// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.vcpu.State;

/**
 * DEBUGCTL and the records of branches, between the vCPU and a VMCB or host-save area (APM vol. 2,
 * "LBR Virtualization").
 */
final class BranchState {
  private static final int DEBUGCTL_MSR = 0x1D9;

  /** LBR and BTF; other bits belong to pins and counters that are not there. */
  private static final long DEBUGCTL_BITS = 3;

  private static final VmcbField[] RECORDS = {BR_FROM, BR_TO, LASTEXCPFROM, LASTEXCPTO};

  private BranchState() {}

  static void save(Svm x, Vmcb to) {
    to.put(DBGCTL, x.v.system.readMsr(DEBUGCTL_MSR));
    for (int n = 0; n < RECORDS.length; n++) {
      to.put(RECORDS[n], x.state(State.BRANCH_RECORDS + 8 * n));
    }
  }

  static void load(Svm x, Vmcb from) {
    x.v.system.writeMsr(DEBUGCTL_MSR, from.get(DBGCTL) & DEBUGCTL_BITS);
    for (int n = 0; n < RECORDS.length; n++) {
      x.setState(State.BRANCH_RECORDS + 8 * n, from.get(RECORDS[n]));
    }
  }
}
