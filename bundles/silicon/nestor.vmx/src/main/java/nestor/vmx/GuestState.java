// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.vcpu.Flags;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Secondary;

/**
 * The guest-state area and the vCPU, in both directions (SDM vol. 3C, "Loading Guest State" and
 * "Saving Guest State").
 */
final class GuestState {
  /** Bits of CR0 that entries and exits change; the others stay as they are. */
  static final long CR0_LOADED = 0x8005_002FL;

  private static final int DR7 = State.DR + 56;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_BITS = 0xFFFF_2FFFL;
  private static final long ENABLED_BREAKPOINT = 1 << 12;
  private static final long BREAKPOINTS = 15;
  private static final long BS = 1 << 14;
  private static final int BLOCKED_BY_STI = 1;
  private static final int BLOCKED_BY_MOV_SS = 2;
  private static final int BLOCKED_BY_NMI = 8;

  private static final VmcsField[] SELECTORS = {
    GUEST_ES_SELECTOR,
    GUEST_CS_SELECTOR,
    GUEST_SS_SELECTOR,
    GUEST_DS_SELECTOR,
    GUEST_FS_SELECTOR,
    GUEST_GS_SELECTOR,
    GUEST_LDTR_SELECTOR,
    GUEST_TR_SELECTOR
  };
  private static final VmcsField[] BASES = {
    GUEST_ES_BASE,
    GUEST_CS_BASE,
    GUEST_SS_BASE,
    GUEST_DS_BASE,
    GUEST_FS_BASE,
    GUEST_GS_BASE,
    GUEST_LDTR_BASE,
    GUEST_TR_BASE
  };
  private static final VmcsField[] LIMITS = {
    GUEST_ES_LIMIT,
    GUEST_CS_LIMIT,
    GUEST_SS_LIMIT,
    GUEST_DS_LIMIT,
    GUEST_FS_LIMIT,
    GUEST_GS_LIMIT,
    GUEST_LDTR_LIMIT,
    GUEST_TR_LIMIT
  };
  private static final VmcsField[] RIGHTS = {
    GUEST_ES_ACCESS_RIGHTS,
    GUEST_CS_ACCESS_RIGHTS,
    GUEST_SS_ACCESS_RIGHTS,
    GUEST_DS_ACCESS_RIGHTS,
    GUEST_FS_ACCESS_RIGHTS,
    GUEST_GS_ACCESS_RIGHTS,
    GUEST_LDTR_ACCESS_RIGHTS,
    GUEST_TR_ACCESS_RIGHTS
  };

  private final Vmx x;
  private final SecondLevel world = new SecondLevel();
  private final long[] pdptes = new long[4];

  GuestState(Vmx x) {
    this.x = x;
  }

  /** Loads all but the MSR area. The masks have been compiled. */
  void load() {
    x.setState(State.CR0, x.state(State.CR0) & ~CR0_LOADED | x.get(GUEST_CR0) & CR0_LOADED);
    x.setState(State.CR3, x.get(GUEST_CR3));
    x.setState(State.CR4, x.get(GUEST_CR4));
    if (x.entryControl(Entry.LOAD_DEBUG_CONTROLS)) {
      x.setState(DR7, x.get(GUEST_DR7) & DR7_BITS | DR7_FIXED);
      x.v.core.setDebugControl(x.get(GUEST_DEBUGCTL));
    }
    x.setState(State.SYSENTER_CS, x.get(GUEST_SYSENTER_CS));
    x.setState(State.SYSENTER_ESP, x.get(GUEST_SYSENTER_ESP));
    x.setState(State.SYSENTER_EIP, x.get(GUEST_SYSENTER_EIP));
    loadEfer();
    if (x.entryControl(Entry.LOAD_PAT)) {
      x.v.core.setPat(x.get(GUEST_PAT));
    }
    for (int n = 0; n < SELECTORS.length; n++) {
      State.setSegment(
          x.s,
          n,
          (int) x.get(SELECTORS[n]),
          x.get(BASES[n]),
          x.get(LIMITS[n]),
          (int) x.get(RIGHTS[n]));
    }
    x.setState(State.CPL, x.get(GUEST_SS_ACCESS_RIGHTS) >>> 5 & 3);
    x.setState(State.GDTR, x.get(GUEST_GDTR_BASE));
    x.setState(State.GDTR + 8, x.get(GUEST_GDTR_LIMIT));
    x.setState(State.IDTR, x.get(GUEST_IDTR_BASE));
    x.setState(State.IDTR + 8, x.get(GUEST_IDTR_LIMIT));
    State.setGpr(x.s, 4, x.get(GUEST_RSP));
    x.setState(State.RIP, x.get(GUEST_RIP));
    x.setState(State.NEXT_RIP, x.get(GUEST_RIP));
    Flags.write(x.s, x.get(GUEST_RFLAGS));
    enterWorld();
    if (GuestCheckRows.pae(x)) {
      for (int i = 0; i < pdptes.length; i++) {
        pdptes[i] = GuestCheckRows.pageDirectoryPointer(x, i);
      }
      x.v.mmu.setPdptes(pdptes);
    }
    loadOthers();
  }

  private void loadEfer() {
    long efer = x.state(State.EFER);
    if (x.entryControl(Entry.LOAD_EFER)) {
      efer = x.get(GUEST_EFER);
    } else {
      boolean ia32e = GuestCheckRows.ia32e(x);
      efer = ia32e ? efer | Vmx.EFER_LMA : efer & ~Vmx.EFER_LMA;
      if ((x.get(GUEST_CR0) & Vmx.CR0_PG) != 0) {
        efer = ia32e ? efer | Vmx.EFER_LME : efer & ~Vmx.EFER_LME;
      }
    }
    x.setState(State.EFER, efer);
  }

  /** Addresses are the guest's from here on. */
  void enterWorld() {
    describe(world);
    x.v.mmu.enterWorld(world);
    if (world.tag == 0) {
      x.v.mmu.invalidateTag(0, false);
    }
  }

  /** Fills in the translation context that the VMCS asks for. */
  void describe(SecondLevel context) {
    context.clear();
    if (x.secondary(Secondary.VPID)) {
      context.tag = (int) x.get(VIRTUAL_PROCESSOR_ID);
    }
    if (x.secondary(Secondary.EPT)) {
      long pointer = x.get(EPT_POINTER);
      context.kind = SecondLevel.Kind.EPT;
      context.root = pointer & -4096L;
      context.levels = (int) (pointer >>> 3 & 7) + 1;
      context.accessedDirty = (pointer & 1 << 6) != 0;
      context.modeBasedExecute = x.secondary(Secondary.MODE_BASED_EXECUTE);
      context.logsWrites = x.secondary(Secondary.PML);
    }
  }

  private void loadOthers() {
    int blocking = (int) x.get(GUEST_INTERRUPTIBILITY_STATE);
    long step = x.state(State.STEP) & State.STEP_USER;
    step |= (blocking & BLOCKED_BY_STI) != 0 ? State.STEP_STI : 0;
    step |= (blocking & BLOCKED_BY_MOV_SS) != 0 ? State.STEP_MOV_SS : 0;
    boolean monitors = x.primary(Control.Primary.MONITOR_TRAP_FLAG);
    x.setState(State.STEP, step | (monitors ? State.STEP_MONITOR : 0));
    boolean nmi = (blocking & BLOCKED_BY_NMI) != 0;
    if (x.pin(Pin.VIRTUAL_NMIS)) {
      x.virtualNmiBlocked = nmi;
      x.v.core.setNmiBlocked(false);
    } else {
      x.v.core.setNmiBlocked(nmi);
    }
    x.setState(State.ACTIVITY, x.get(GUEST_ACTIVITY_STATE));
    boolean vectors = x.vmcs.word(ENTRY_INTERRUPTION_INFO) < 0;
    long pending = vectors ? 0 : x.get(GUEST_PENDING_DEBUG_EXCEPTIONS);
    x.unpend(State.PENDING_DEBUG);
    x.setState(State.DEBUG_HITS, pending & (BREAKPOINTS | BS));
    if ((pending & (ENABLED_BREAKPOINT | BS)) != 0) {
      x.pend(State.PENDING_DEBUG);
    }
  }

  /** Saves everything to the guest-state area. */
  void save() {
    Vmcs c = x.vmcs;
    c.put(GUEST_CR0, x.state(State.CR0));
    c.put(GUEST_CR3, x.state(State.CR3));
    c.put(GUEST_CR4, x.state(State.CR4));
    c.put(GUEST_SYSENTER_CS, x.state(State.SYSENTER_CS) & 0xFFFF_FFFFL);
    c.put(GUEST_SYSENTER_ESP, x.state(State.SYSENTER_ESP));
    c.put(GUEST_SYSENTER_EIP, x.state(State.SYSENTER_EIP));
    if (x.exitControl(Exit.SAVE_DEBUG_CONTROLS)) {
      c.put(GUEST_DR7, x.state(DR7));
      c.put(GUEST_DEBUGCTL, x.v.core.debugControl());
    }
    if (x.exitControl(Exit.SAVE_PAT)) {
      c.put(GUEST_PAT, x.v.core.pat());
    }
    if (x.exitControl(Exit.SAVE_EFER)) {
      c.put(GUEST_EFER, x.state(State.EFER));
    }
    boolean lma = (x.state(State.EFER) & Vmx.EFER_LMA) != 0;
    long entry = x.get(ENTRY_CONTROLS) & ~Entry.IA32E_MODE_GUEST;
    c.put(ENTRY_CONTROLS, lma ? entry | Entry.IA32E_MODE_GUEST : entry);
    for (int n = 0; n < SELECTORS.length; n++) {
      c.put(SELECTORS[n], State.selector(x.s, n));
      c.put(BASES[n], State.base(x.s, n));
      c.put(LIMITS[n], State.limit(x.s, n));
      c.put(RIGHTS[n], State.attributes(x.s, n) & 0x1_F0FFL);
    }
    // SS.DPL is the privilege level, whatever was loaded (SDM vol. 3C, "Saving Segment Registers").
    long ss = x.get(GUEST_SS_ACCESS_RIGHTS) & ~0x60L | x.state(State.CPL) << 5;
    c.put(GUEST_SS_ACCESS_RIGHTS, ss);
    c.put(GUEST_GDTR_BASE, x.state(State.GDTR));
    c.put(GUEST_GDTR_LIMIT, x.state(State.GDTR + 8));
    c.put(GUEST_IDTR_BASE, x.state(State.IDTR));
    c.put(GUEST_IDTR_LIMIT, x.state(State.IDTR + 8));
    c.put(GUEST_RSP, State.gpr(x.s, 4));
    c.put(GUEST_RIP, x.state(State.RIP));
    c.put(GUEST_RFLAGS, Flags.read(x.s));
    saveOthers();
    if (x.secondary(Secondary.EPT) && !lma && isPae()) {
      long[] pointers = x.v.mmu.pdptes();
      c.put(GUEST_PDPTE0, pointers[0]);
      c.put(GUEST_PDPTE1, pointers[1]);
      c.put(GUEST_PDPTE2, pointers[2]);
      c.put(GUEST_PDPTE3, pointers[3]);
    }
  }

  private boolean isPae() {
    return (x.state(State.CR0) & Vmx.CR0_PG) != 0 && (x.state(State.CR4) & Vmx.CR4_PAE) != 0;
  }

  private void saveOthers() {
    Vmcs c = x.vmcs;
    long step = x.state(State.STEP);
    int blocking = (step & State.STEP_STI) != 0 ? BLOCKED_BY_STI : 0;
    blocking |= (step & State.STEP_MOV_SS) != 0 ? BLOCKED_BY_MOV_SS : 0;
    boolean nmi = x.pin(Pin.VIRTUAL_NMIS) ? x.virtualNmiBlocked : x.v.core.isNmiBlocked();
    c.put(GUEST_INTERRUPTIBILITY_STATE, blocking | (nmi ? BLOCKED_BY_NMI : 0));
    c.put(GUEST_ACTIVITY_STATE, x.state(State.ACTIVITY));
    long hits = x.state(State.DEBUG_HITS);
    long pending = hits & (BREAKPOINTS | BS);
    c.put(
        GUEST_PENDING_DEBUG_EXCEPTIONS,
        (hits & BREAKPOINTS) != 0 ? pending | ENABLED_BREAKPOINT : pending);
    x.setState(State.DEBUG_HITS, 0);
    x.unpend(State.PENDING_DEBUG | State.PENDING_VIRTUAL | State.PENDING_VIRTUAL_EVENT);
  }
}
