// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.isa.Insn;
import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.ExitLog;

/** The instructions of SVM (APM vol. 3, "System Instruction Reference"). */
final class SvmInstructions {
  private static final int RAX = 0;
  private static final int RCX = 1;

  private final Svm x;
  private final Transitions transitions;
  private final Events events;
  private final Vmcb other;
  private final ExitLog log;

  SvmInstructions(Svm x, Transitions transitions, Events events, ExitLog log) {
    this.log = log;
    this.x = x;
    this.transitions = transitions;
    this.events = events;
    other = new Vmcb(x.v);
  }

  void execute(Insn i) {
    boolean guest = x.masks.guest;
    switch (i.row.mnemonic) {
      case VMMCALL -> {
        if (guest && x.fourth(Fourth.VMMCALL)) {
          throw x.instructionExit(ExitCode.VMMCALL);
        }
        throw x.v.undefined();
      }
      case VMRUN -> {
        long address = address(i, Fourth.VMRUN, ExitCode.VMRUN);
        transitions.enter(address);
      }
      case VMLOAD -> {
        other.address = named(address(i, Fourth.VMLOAD, ExitCode.VMLOAD), false);
        transitions.guest.loadMore(other);
      }
      case VMSAVE -> {
        other.address = named(address(i, Fourth.VMSAVE, ExitCode.VMSAVE), true);
        transitions.guest.saveMore(other);
      }
      case STGI -> {
        require(Fourth.STGI, ExitCode.STGI);
        globalInterrupts(true);
      }
      case CLGI -> {
        require(Fourth.CLGI, ExitCode.CLGI);
        globalInterrupts(false);
      }
      case INVLPGA -> invalidatePage(i);
      default -> throw x.v.undefined();
    }
  }

  private void check() {
    if ((x.state(State.EFER) & Svm.EFER_SVME) == 0 || State.realOrVirtual8086(x.s)) {
      throw x.v.undefined();
    }
    if (State.cpl(x.s) != 0) {
      throw x.v.protection();
    }
  }

  private void require(int intercept, int code) {
    check();
    if (x.masks.guest && x.fourth(intercept)) {
      throw x.instructionExit(code);
    }
  }

  /**
   * {@return rAX as address of a VMCB} A bad one is #GP, before the intercept; with SVME_ADDR_CHK
   * after it (APM vol. 3, appendix E, "SVM Revision and Feature Identification").
   */
  private long address(Insn i, int intercept, int code) {
    check();
    if (x.capabilities.has(Capability.SVME_ADDR_CHK)) {
      require(intercept, code);
    }
    long address = State.gpr(x.s, RAX, i.addressSize);
    if (!x.isPage(address)) {
      throw x.v.protection();
    }
    require(intercept, code);
    return address;
  }

  /**
   * {@return the physical address} It may be the guest's own ("VMSAVE and VMLOAD Virtualization").
   */
  private long named(long address, boolean write) {
    boolean own = x.masks.guest && x.virtualVmload();
    return own ? x.v.mmu.guestPhysical(address, write) : address;
  }

  /** A guest with virtual GIF changes V_GIF, others the flag itself. */
  private void globalInterrupts(boolean open) {
    if (x.masks.guest && x.virtualGif()) {
      x.control(Svm.V_GIF, open);
      events.watch();
    } else {
      x.masks.eventsHeld = !open;
    }
    x.v.attention(State.ATTENTION_EVENT);
  }

  private void invalidatePage(Insn i) {
    check();
    if (x.masks.guest && x.third(Third.INVLPGA)) {
      VmExit exit = x.instructionExit(ExitCode.INVLPGA);
      if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
        exit.qualification = State.gpr(x.s, RAX, i.addressSize);
      }
      throw exit;
    }
    int asid = (int) State.gpr(x.s, RCX);
    log.invalidated("INVLPGA", asid, State.gpr(x.s, RAX, i.addressSize));
    x.v.mmu.invalidateTagPage(asid, State.gpr(x.s, RAX, i.addressSize));
    if (asid != 0 && x.capabilities.has(Capability.NP)) {
      x.v.mmu.invalidateSecondLevel(-1); // the page's nested translation goes too
    }
  }
}
