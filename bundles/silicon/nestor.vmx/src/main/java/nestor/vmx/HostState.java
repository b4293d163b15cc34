// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.vcpu.Flags;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vmx.Control.Exit;

/** Loads the host-state area (SDM vol. 3C, "Loading Host State"). */
final class HostState {
  private static final int CODE = 0x8000 | Segment.PRESENT | Segment.S | 11;
  private static final int DATA = 0xC000 | Segment.PRESENT | Segment.S | 3;
  private static final int BUSY_TSS = Segment.PRESENT | 11;
  private static final int DR7 = State.DR + 56;

  private final Vmx x;
  private final SecondLevel world = new SecondLevel();

  HostState(Vmx x) {
    this.x = x;
  }

  /** {@return whether it went well; if not, PDPTEs of the host are bad: VMX abort} */
  boolean load() {
    boolean host64 = x.exitControl(Exit.HOST_ADDRESS_SPACE_SIZE);
    long mask = GuestState.CR0_LOADED;
    x.setState(State.CR0, x.state(State.CR0) & ~mask | x.get(HOST_CR0) & mask);
    x.setState(State.CR3, x.get(HOST_CR3));
    long cr4 = x.get(HOST_CR4);
    x.setState(State.CR4, host64 ? cr4 | Vmx.CR4_PAE : cr4 & ~Vmx.CR4_PCIDE);
    x.setState(DR7, 0x400);
    x.v.core.setDebugControl(0);
    x.setState(State.SYSENTER_CS, x.get(HOST_SYSENTER_CS));
    x.setState(State.SYSENTER_ESP, x.get(HOST_SYSENTER_ESP));
    x.setState(State.SYSENTER_EIP, x.get(HOST_SYSENTER_EIP));
    long both = Vmx.EFER_LMA | Vmx.EFER_LME;
    long efer = x.state(State.EFER);
    efer = host64 ? efer | both : efer & ~both;
    x.setState(State.EFER, x.exitControl(Exit.LOAD_EFER) ? x.get(HOST_EFER) : efer);
    if (x.exitControl(Exit.LOAD_PAT)) {
      x.v.core.setPat(x.get(HOST_PAT));
    }
    segments(host64);
    x.setState(State.GDTR, x.get(HOST_GDTR_BASE));
    x.setState(State.GDTR + 8, 0xFFFF);
    x.setState(State.IDTR, x.get(HOST_IDTR_BASE));
    x.setState(State.IDTR + 8, 0xFFFF);
    State.setGpr(x.s, 4, x.get(HOST_RSP));
    x.setState(State.RIP, x.get(HOST_RIP));
    x.setState(State.NEXT_RIP, x.get(HOST_RIP));
    Flags.write(x.s, 2);
    x.setState(State.STEP, x.state(State.STEP) & State.STEP_USER);
    x.setState(State.ACTIVITY, State.ACTIVE);
    enterWorld();
    boolean pae = !host64 && (cr4 & Vmx.CR4_PAE) != 0;
    return !pae || x.v.mmu.loadPdptes();
  }

  /** Addresses are the host's from here on. */
  void enterWorld() {
    x.v.mmu.enterWorld(world);
    if (!x.secondary(Control.Secondary.VPID)) {
      x.v.mmu.invalidateTag(0, false);
    }
  }

  private void segments(boolean host64) {
    set(Segment.CS, HOST_CS_SELECTOR, 0, CODE | (host64 ? Segment.LONG : Segment.BIG));
    set(Segment.SS, HOST_SS_SELECTOR, 0, DATA);
    set(Segment.DS, HOST_DS_SELECTOR, 0, DATA);
    set(Segment.ES, HOST_ES_SELECTOR, 0, DATA);
    set(Segment.FS, HOST_FS_SELECTOR, x.get(HOST_FS_BASE), DATA);
    set(Segment.GS, HOST_GS_SELECTOR, x.get(HOST_GS_BASE), DATA);
    int tr = (int) x.get(HOST_TR_SELECTOR);
    State.setSegment(x.s, Segment.TR, tr, x.get(HOST_TR_BASE), 0x67, BUSY_TSS);
    State.setSegment(x.s, Segment.LDTR, 0, 0, 0, Segment.UNUSABLE);
    x.setState(State.CPL, 0);
  }

  private void set(int number, VmcsField selector, long base, int rights) {
    int value = (int) x.get(selector);
    boolean unusable = value == 0 && number != Segment.CS;
    State.setSegment(
        x.s, number, value, base, 0xFFFF_FFFFL, unusable ? rights | Segment.UNUSABLE : rights);
  }
}
