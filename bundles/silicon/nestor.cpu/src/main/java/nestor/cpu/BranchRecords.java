// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.State;

/**
 * Control-transfer recording: where the last branch came from and went to, and the same of the last
 * branch before the last exception or interrupt (APM vol. 2, "Control-Transfer Breakpoint
 * Features"). Costs nothing while DEBUGCTL.LBR is 0; while it is 1 the engines step.
 *
 * <p>Unspecified: INT n counts as a branch, not as an interrupt; VMRUN and #VMEXIT are not
 * recorded.
 */
final class BranchRecords {
  /** First of the four MSRs: LastBranchFromIP, LastBranchToIP, LastIntFromIP, LastIntToIP. */
  static final int FIRST_MSR = 0x1DB;

  private static final int FROM = State.BRANCH_RECORDS;
  private static final int TO = State.BRANCH_RECORDS + 8;
  private static final int EVENT_FROM = State.BRANCH_RECORDS + 16;
  private static final int EVENT_TO = State.BRANCH_RECORDS + 24;

  private BranchRecords() {}

  /** {@return a record, by the number of its MSR} */
  static long read(Core core, int msr) {
    return core.get(FROM + 8 * (msr - FIRST_MSR));
  }

  /** DEBUGCTL changed, or the whole state: engines step as long as branches are recorded. */
  static void enabledChanged(Core core) {
    long step = core.get(State.STEP) & ~State.STEP_BRANCH;
    core.set(State.STEP, isEnabled(core) ? step | State.STEP_BRANCH : step);
    core.v.attention(State.ATTENTION_RECHECK);
  }

  static boolean isEnabled(Core core) {
    return (core.get(Core.DEBUGCTL) & Core.LBR) != 0;
  }

  /** A branch was taken. */
  static void taken(Core core, long from, long to) {
    core.set(FROM, from);
    core.set(TO, to);
  }

  /** An exception or interrupt went to its handler: the branch before it is kept. */
  static void delivered(Core core, long from, long to) {
    if (isEnabled(core)) {
      core.set(EVENT_FROM, core.get(FROM));
      core.set(EVENT_TO, core.get(TO));
      taken(core, from, to);
    }
  }

  static void reset(Core core) {
    core.set(Core.DEBUGCTL, 0);
    for (int n = 0; n < 4; n++) {
      core.set(FROM + 8 * n, 0);
    }
    enabledChanged(core);
  }
}
