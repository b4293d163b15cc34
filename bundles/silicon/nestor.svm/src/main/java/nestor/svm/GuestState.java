// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.vcpu.Flags;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * The guest's state in the VMCB and in the vCPU, in both directions (APM vol. 2, "VMRUN
 * Instruction", "#VMEXIT", "VMSAVE and VMLOAD Instructions").
 */
final class GuestState {
  private static final int DR6_REGISTER = State.DR + 48;
  private static final int DR7_REGISTER = State.DR + 56;
  private static final long DR6_FIXED = 0xFFFF_0FF0L;
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;
  private static final int SHADOW = 1;
  private static final int FLUSH_ALL = 1;
  private static final int FLUSH_GUEST = 3;
  private static final int FLUSH_GUEST_KEEP_GLOBAL = 7;
  private static final int[] SAVED = {Segment.ES, Segment.CS, Segment.SS, Segment.DS};
  private static final int[] BY_VMSAVE = {Segment.FS, Segment.GS, Segment.TR, Segment.LDTR};

  private final Svm x;
  private final SecondLevel world = new SecondLevel();

  GuestState(Svm x) {
    this.x = x;
  }

  /** Reads how the host pages: the host's registers are still in force. */
  void prepareWorld() {
    world.clear();
    world.tag = (int) x.get(GUEST_ASID);
    if (!x.nested()) {
      return;
    }
    long cr4 = x.state(State.CR4);
    long efer = x.state(State.EFER);
    world.kind = SecondLevel.Kind.NPT;
    world.root = x.get(N_CR3);
    if ((efer & Svm.EFER_LMA) != 0) {
      world.levels = (cr4 & Svm.CR4_LA57) != 0 ? 5 : 4;
    } else {
      world.levels = (cr4 & Svm.CR4_PAE) != 0 ? 3 : 2;
    }
    world.noExecute = (efer & Svm.EFER_NXE) != 0;
    world.accessedDirty = true;
  }

  /** Fills in the context of the VMCB's guest; outside it, as the host pages now. */
  void describe(SecondLevel context) {
    if (!x.masks.guest) {
      prepareWorld();
    }
    context.copy(world);
  }

  /** {@return the kind of host paging, for saved state} */
  int hostPaging() {
    return world.levels | (world.noExecute ? 16 : 0);
  }

  /** Takes the world from the VMCB and from what {@link #hostPaging} gave. */
  void restoreWorld(int hostPaging) {
    prepareWorld();
    world.levels = hostPaging & 15;
    world.noExecute = (hostPaging & 16) != 0;
  }

  /** Loads the state that VMRUN loads. */
  void load() {
    int shift = (x.get(CR4) & Svm.CR4_LA57) != 0 ? 7 : 16;
    for (int n : SAVED) {
      x.vmcb.loadSegment(n, shift);
    }
    x.setState(State.GDTR, Vmcb.canonical(x.get(GDTR_BASE), shift));
    x.setState(State.GDTR + 8, x.get(GDTR_LIMIT) & 0xFFFF);
    x.setState(State.IDTR, Vmcb.canonical(x.get(IDTR_BASE), shift));
    x.setState(State.IDTR + 8, x.get(IDTR_LIMIT) & 0xFFFF);
    x.setState(State.EFER, efer());
    x.setState(State.CR0, x.get(CR0) | Svm.CR0_ET);
    x.setState(State.CR2, x.get(CR2));
    x.setState(State.CR3, x.get(CR3));
    x.setState(State.CR4, x.get(CR4));
    x.setState(DR6_REGISTER, x.get(DR6) & DR6_WRITABLE | DR6_FIXED);
    x.setState(DR7_REGISTER, x.get(DR7) & DR7_WRITABLE | DR7_FIXED);
    long flags = x.get(RFLAGS) & 0x3F_7FD5 | 2;
    Flags.write(x.s, flags);
    x.setState(State.RIP, x.get(RIP));
    x.setState(State.NEXT_RIP, x.get(RIP));
    State.setGpr(x.s, 4, x.get(RSP));
    State.setGpr(x.s, 0, x.get(RAX));
    x.setState(State.CPL, cpl(flags));
    boolean shadow = (x.get(INTERRUPT_SHADOW) & SHADOW) != 0;
    long step = x.state(State.STEP) & State.STEP_USER;
    x.setState(State.STEP, shadow ? step | State.STEP_STI : step);
    x.setState(State.ACTIVITY, State.ACTIVE);
    x.setState(State.DEBUG_HITS, 0);
    x.unpend(State.PENDING_DEBUG);
    if (x.branchState()) {
      BranchState.load(x, x.vmcb);
    }
    if (x.nested()) {
      x.hostPat = x.v.system.readMsr(Svm.PAT_MSR);
      x.v.system.writeMsr(Svm.PAT_MSR, x.get(G_PAT));
    }
    flush();
    enterWorld();
  }

  /** LMA follows LME and CR0.PG (APM vol. 2, "Canonicalization and Consistency Checks"). */
  private long efer() {
    long efer = x.get(EFER) & ~Svm.EFER_LMA;
    return CheckRows.longMode(x) ? efer | Svm.EFER_LMA : efer;
  }

  private long cpl(long flags) {
    if ((x.get(CR0) & Svm.CR0_PE) == 0) {
      return 0;
    }
    return (flags & Flags.VM) != 0 ? 3 : x.get(CPL) & 3;
  }

  void enterWorld() {
    x.v.mmu.enterWorld(world);
  }

  /**
   * TLB_CONTROL. Flushing an ASID drops what came from its nested page tables too, since nothing
   * else tells of a change to them.
   */
  private void flush() {
    switch ((int) x.get(TLB_CONTROL)) {
      case FLUSH_ALL -> x.v.mmu.flushAll();
      case FLUSH_GUEST -> flush(false);
      case FLUSH_GUEST_KEEP_GLOBAL -> flush(true);
      default -> {}
    }
  }

  private void flush(boolean keepGlobal) {
    if (world.kind == SecondLevel.Kind.NPT) {
      x.v.mmu.invalidateSecondLevel(world.root);
    }
    x.v.mmu.invalidateTag(world.tag, keepGlobal);
  }

  /** {@return whether the guest uses PDPTE registers} */
  boolean legacyPae() {
    return (x.state(State.CR0) & Svm.CR0_PG) != 0
        && (x.state(State.CR4) & Svm.CR4_PAE) != 0
        && (x.state(State.EFER) & Svm.EFER_LMA) == 0;
  }

  /** Writes what #VMEXIT saves. */
  void save() {
    for (int n : SAVED) {
      x.vmcb.putSegment(n);
    }
    x.put(GDTR_BASE, x.state(State.GDTR));
    x.put(GDTR_LIMIT, x.state(State.GDTR + 8));
    x.put(IDTR_BASE, x.state(State.IDTR));
    x.put(IDTR_LIMIT, x.state(State.IDTR + 8));
    x.put(EFER, x.state(State.EFER));
    x.put(CR0, x.state(State.CR0));
    x.put(CR2, x.state(State.CR2));
    x.put(CR3, x.state(State.CR3));
    x.put(CR4, x.state(State.CR4));
    x.put(DR6, x.state(DR6_REGISTER));
    x.put(DR7, x.state(DR7_REGISTER));
    x.put(RFLAGS, Flags.read(x.s));
    x.put(RIP, x.state(State.RIP));
    x.put(RSP, State.gpr(x.s, 4));
    x.put(RAX, State.gpr(x.s, 0));
    x.put(CPL, x.state(State.CPL));
    if (x.branchState()) {
      BranchState.save(x, x.vmcb);
    }
    long shadow = x.state(State.STEP) & (State.STEP_STI | State.STEP_MOV_SS);
    x.put(INTERRUPT_SHADOW, x.get(INTERRUPT_SHADOW) & ~SHADOW | (shadow != 0 ? SHADOW : 0));
    if (x.nested()) {
      x.put(G_PAT, x.v.system.readMsr(Svm.PAT_MSR));
      x.v.system.writeMsr(Svm.PAT_MSR, x.hostPat);
    }
    x.setState(State.DEBUG_HITS, 0);
    x.unpend(State.PENDING_DEBUG | State.PENDING_VIRTUAL | State.PENDING_VIRTUAL_EVENT);
  }

  /** VMLOAD. */
  void loadMore(Vmcb from) {
    int shift = (int) x.state(State.CANONICAL_SHIFT);
    for (int n : BY_VMSAVE) {
      from.loadSegment(n, shift);
    }
    x.setState(State.STAR, from.get(STAR));
    x.setState(State.LSTAR, from.get(LSTAR));
    x.setState(State.CSTAR, from.get(CSTAR));
    x.setState(State.FMASK, from.get(SFMASK) & 0xFFFF_FFFFL);
    x.setState(State.KERNEL_GS_BASE, Vmcb.canonical(from.get(KERNEL_GS_BASE), shift));
    x.setState(State.SYSENTER_CS, from.get(SYSENTER_CS));
    x.setState(State.SYSENTER_ESP, from.get(SYSENTER_ESP));
    x.setState(State.SYSENTER_EIP, from.get(SYSENTER_EIP));
  }

  /** VMSAVE. */
  void saveMore(Vmcb to) {
    for (int n : BY_VMSAVE) {
      to.putSegment(n);
    }
    to.put(STAR, x.state(State.STAR));
    to.put(LSTAR, x.state(State.LSTAR));
    to.put(CSTAR, x.state(State.CSTAR));
    to.put(SFMASK, x.state(State.FMASK));
    to.put(KERNEL_GS_BASE, x.state(State.KERNEL_GS_BASE));
    to.put(SYSENTER_CS, x.state(State.SYSENTER_CS));
    to.put(SYSENTER_ESP, x.state(State.SYSENTER_ESP));
    to.put(SYSENTER_EIP, x.state(State.SYSENTER_EIP));
  }
}
