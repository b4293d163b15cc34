// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.vcpu.Flags;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * What VMRUN saves of the host, and #VMEXIT loads again, by way of the host-save area (APM vol. 2,
 * "VMRUN Instruction" and "#VMEXIT"). The fields that VMSAVE writes are left alone.
 */
final class HostState {
  private static final int[] SAVED = {Segment.ES, Segment.CS, Segment.SS, Segment.DS};
  private static final int DR7_REGISTER = State.DR + 56;
  private static final long DR7_FIXED = 0x400;

  /** DR6.BS. */
  private static final long SINGLE_STEP = 1 << 14;

  private final Svm x;
  private final Vmcb area;
  private final SecondLevel world = new SecondLevel();

  HostState(Svm x) {
    this.x = x;
    area = new Vmcb(x.v);
  }

  void save() {
    area.address = x.hostSave;
    for (int n : SAVED) {
      area.putSegment(n);
    }
    area.put(GDTR_BASE, x.state(State.GDTR));
    area.put(GDTR_LIMIT, x.state(State.GDTR + 8));
    area.put(IDTR_BASE, x.state(State.IDTR));
    area.put(IDTR_LIMIT, x.state(State.IDTR + 8));
    area.put(EFER, x.state(State.EFER));
    area.put(CR0, x.state(State.CR0));
    area.put(CR3, x.state(State.CR3));
    area.put(CR4, x.state(State.CR4));
    area.put(RFLAGS, Flags.read(x.s));
    area.put(RIP, x.state(State.NEXT_RIP));
    area.put(RSP, State.gpr(x.s, 4));
    area.put(RAX, State.gpr(x.s, 0));
    if (x.branchState()) {
      BranchState.save(x, area);
    }
  }

  /** {@return the RIP that #VMEXIT goes to} */
  long rip() {
    area.address = x.hostSave;
    return area.get(RIP);
  }

  /** {@return whether it went well; if not, PDPTEs of the host are bad: shutdown} */
  boolean load() {
    area.address = x.hostSave;
    for (int n : SAVED) {
      area.loadSegment(n, 0); // as it was saved
    }
    x.setState(State.GDTR, area.get(GDTR_BASE));
    x.setState(State.GDTR + 8, area.get(GDTR_LIMIT));
    x.setState(State.IDTR, area.get(IDTR_BASE));
    x.setState(State.IDTR + 8, area.get(IDTR_LIMIT));
    x.setState(State.EFER, area.get(EFER));
    x.setState(State.CR0, area.get(CR0) | Svm.CR0_PE);
    x.setState(State.CR3, area.get(CR3));
    x.setState(State.CR4, area.get(CR4));
    Flags.write(x.s, area.get(RFLAGS) & ~(long) Flags.VM);
    if ((area.get(RFLAGS) & Flags.TF) != 0) {
      // VMRUN ends here: its trap follows ("VMRUN Instruction", single stepping).
      x.setState(State.DEBUG_HITS, SINGLE_STEP);
      x.pend(State.PENDING_DEBUG);
    }
    x.setState(State.RIP, area.get(RIP));
    x.setState(State.NEXT_RIP, area.get(RIP));
    State.setGpr(x.s, 4, area.get(RSP));
    State.setGpr(x.s, 0, area.get(RAX));
    x.setState(DR7_REGISTER, DR7_FIXED);
    if (x.branchState()) {
      BranchState.load(x, area);
    }
    x.setState(State.CPL, 0);
    x.setState(State.ACTIVITY, State.ACTIVE);
    x.setState(State.STEP, x.state(State.STEP) & State.STEP_USER);
    enterWorld();
    long cr4 = x.state(State.CR4);
    boolean pae =
        (x.state(State.CR0) & Svm.CR0_PG) != 0
            && (cr4 & Svm.CR4_PAE) != 0
            && (x.state(State.EFER) & Svm.EFER_LMA) == 0;
    return !pae || x.v.mmu.loadPdptes();
  }

  /** Addresses are the host's from here on: ASID 0. */
  void enterWorld() {
    x.v.mmu.enterWorld(world);
  }
}
