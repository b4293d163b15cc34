// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.ArrayList;
import java.util.List;
import nestor.vcpu.Flags;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.EntryCheck;
import nestor.virt.ExitLog;
import nestor.vmx.Control.Pin;

/** VM entries and VM exits (SDM vol. 3C, chapters "VM Entries" and "VM Exits"). */
final class Transitions {
  static final int NON_CLEAR = 4;
  static final int NON_LAUNCHED = 5;
  static final int RESUME_AFTER_VMXOFF = 6;
  static final int INVALID_CONTROLS = 7;
  static final int INVALID_HOST_STATE = 8;
  static final int BLOCKED_BY_MOV_SS = 26;

  private static final int ABORT_SAVING_MSRS = 1;
  private static final int ABORT_HOST_PDPTES = 2;
  private static final int ABORT_LOADING_MSRS = 4;
  private static final int ABORT_IA32E_UNDER_LEGACY_HOST = 6;

  private final Vmx x;
  private final ApicVirtualization apic;
  private final VmxGate gate;
  private final PreemptionTimer timer;
  private final Events events;
  private final ExitLog log;
  private final GuestState guest;
  private final HostState host;
  private final MsrLists msrs;
  private VmxInstructions outcome;
  private final MaskCompiler masks;

  // Which VMCS passed the checks, and when: those that look at nothing changed since still hold.
  private long checkedRegion = Vmcs.NONE;
  private long checkedControls;
  private long checkedGuest;
  private long checkedEfer;

  Transitions(
      Vmx x,
      ApicVirtualization apic,
      VmxGate gate,
      PreemptionTimer timer,
      Events events,
      ExitLog log) {
    this.x = x;
    this.apic = apic;
    this.gate = gate;
    this.timer = timer;
    this.events = events;
    this.log = log;
    guest = new GuestState(x);
    host = new HostState(x);
    msrs = new MsrLists(x);
    masks = new MaskCompiler(x);
  }

  /** Fills in the translation context of the current VMCS's guest. */
  void describe(SecondLevel context) {
    guest.describe(context);
  }

  void outcomes(VmxInstructions instructions) {
    outcome = instructions;
  }

  /** VMLAUNCH and VMRESUME. */
  void enter(boolean launch) {
    if (x.vmcs.region == Vmcs.NONE || x.vmcs.shadow) {
      outcome.failInvalid();
    } else if ((x.state(State.STEP) & State.STEP_MOV_SS) != 0) {
      outcome.fail(BLOCKED_BY_MOV_SS);
    } else if (launch && x.vmcs.launched) {
      outcome.fail(NON_CLEAR);
    } else if (!launch && !x.vmcs.launched) {
      outcome.fail(NON_LAUNCHED);
    } else if (!launch && x.vmcs.session != x.session) {
      outcome.fail(RESUME_AFTER_VMXOFF);
    } else {
      checkAndSwitch(launch);
    }
  }

  private void checkAndSwitch(boolean launch) {
    // Beside the VMCS the checks on the host area look at the mode of the processor.
    boolean known =
        checkedRegion == x.vmcs.region
            && checkedControls == x.vmcs.controlChanges
            && checkedEfer == x.state(State.EFER);
    if (!known) {
      Check failed = EntryCheck.first(ControlCheckRows.ROWS, x);
      int error = INVALID_CONTROLS;
      if (failed == null) {
        failed = EntryCheck.first(HostCheckRows.ROWS, x);
        error = INVALID_HOST_STATE;
      }
      if (failed != null) {
        log.refused(failed);
        outcome.fail(error);
        return;
      }
    }
    boolean knownGuest = known && checkedGuest == x.vmcs.guestChanges;
    Check failed = knownGuest ? null : EntryCheck.first(GuestCheckRows.REGISTER_ROWS, x);
    if (failed == null) {
      checkedRegion = x.vmcs.region;
      checkedControls = x.vmcs.controlChanges;
      checkedGuest = x.vmcs.guestChanges;
      checkedEfer = x.state(State.EFER);
      failed = EntryCheck.first(GuestCheckRows.OTHER_ROWS, x);
    }
    if (failed != null) {
      log.refused(failed);
      fail(ExitReason.INVALID_GUEST_STATE, failed.qualification());
      return;
    }
    switchIn(launch);
  }

  /** {@return all checks that fail} */
  List<String> failures() {
    List<String> failed = new ArrayList<>();
    for (List<Check> rows :
        List.of(ControlCheckRows.ROWS, HostCheckRows.ROWS, GuestCheckRows.ROWS)) {
      failed.addAll(EntryCheck.failures(rows, x));
    }
    return failed;
  }

  private void switchIn(boolean launch) {
    masks.compile();
    guest.load();
    int bad = msrs.loadForEntry();
    if (bad != 0) {
      log.refused("entry " + bad + " of the MSR-load area cannot be loaded");
      fail(ExitReason.MSR_LOADING, bad);
      return;
    }
    if (launch) {
      x.vmcs.launched = true;
      x.vmcs.session = x.session;
    }
    log.entered();
    gate.entered();
    apic.entered();
    timer.start();
    x.v.core.stateReplaced();
    events.entered();
    inject();
  }

  private void inject() {
    int info = x.vmcs.word(ENTRY_INTERRUPTION_INFO);
    if ((info & VmExit.EVENT_VALID) == 0) {
      return;
    }
    int type = info & VmExit.EVENT_TYPE;
    if (type == VmExit.OTHER_EVENT) {
      events.stepped();
      return;
    }
    if (type == VmExit.NMI) {
      if (x.pin(Pin.VIRTUAL_NMIS)) {
        x.virtualNmiBlocked = true;
      } else {
        x.v.core.setNmiBlocked(true);
      }
    }
    int code = x.vmcs.word(ENTRY_EXCEPTION_ERROR_CODE);
    log.injected(info, code);
    x.v.core.inject(
        info, code, type >= VmExit.SOFTWARE_INTERRUPT ? x.vmcs.word(ENTRY_INSTRUCTION_LENGTH) : 0);
  }

  /** A VM entry that fails after the host state was checked: an exit that saves nothing. */
  private void fail(int reason, long qualification) {
    x.vmcs.put(EXIT_REASON, reason & 0xFFFF_FFFFL | 1L << 31);
    x.vmcs.put(EXIT_QUALIFICATION, qualification);
    VmExit exit = x.v.exit(reason | ExitReason.ENTRY_FAILURE);
    exit.qualification = qualification;
    log.exited(exit);
    handOver(exit);
  }

  /** A VM exit: first act. */
  void exit(VmExit exit) {
    record(exit);
    if (setsResumeFlag(exit)) {
      Flags.write(x.s, Flags.read(x.s) | Flags.RF);
    }
    if (timer.isActive()) {
      if (x.exitControl(Control.Exit.SAVE_PREEMPTION_TIMER)) {
        x.vmcs.put(PREEMPTION_TIMER_VALUE, timer.left());
      }
      timer.stop();
    }
    guest.save();
    log.exited(exit);
    int bad = msrs.store();
    if (bad != 0) {
      abort(ABORT_SAVING_MSRS);
      return;
    }
    handOver(exit);
  }

  private void record(VmExit exit) {
    Vmcs c = x.vmcs;
    c.put(EXIT_REASON, exit.reason & 0xFFFF_FFFFL);
    c.put(EXIT_QUALIFICATION, exit.qualification);
    c.put(GUEST_LINEAR_ADDRESS, exit.linear);
    c.put(GUEST_PHYSICAL_ADDRESS, exit.physical);
    c.put(EXIT_INTERRUPTION_INFO, withUnblocking(exit) & 0xFFFF_FFFFL);
    c.put(EXIT_INTERRUPTION_ERROR_CODE, exit.eventError & 0xFFFF_FFFFL);
    c.put(IDT_VECTORING_INFO, exit.vectoring & 0xFFFF_FFFFL);
    c.put(IDT_VECTORING_ERROR_CODE, exit.vectoringError & 0xFFFF_FFFFL);
    int type = exit.vectoring & VmExit.EVENT_TYPE;
    int length = exit.length;
    if (exit.vectoring != 0) {
      length = type >= VmExit.SOFTWARE_INTERRUPT ? exit.vectoringLength : 0;
    }
    c.put(EXIT_INSTRUCTION_LENGTH, length);
    c.put(EXIT_INSTRUCTION_INFO, exit.instruction & 0xFFFF_FFFFL);
    c.put(ENTRY_INTERRUPTION_INFO, c.get(ENTRY_INTERRUPTION_INFO) & 0x7FFF_FFFFL);
  }

  private static final int NMI_UNBLOCKING = 1 << 12;

  /** A fault of IRET exits with blocking by NMI already gone (SDM vol. 3C, "NMI Unblocking"). */
  private int withUnblocking(VmExit exit) {
    boolean unblocked = x.unblockingNmi && exit.vectoring == 0;
    x.unblockingNmi = false;
    if (!unblocked) {
      return exit.event;
    }
    if (exit.reason == ExitReason.EPT_VIOLATION || exit.reason == ExitReason.PML_FULL) {
      x.vmcs.put(EXIT_QUALIFICATION, exit.qualification | NMI_UNBLOCKING);
      return exit.event;
    }
    boolean fault =
        exit.reason == ExitReason.EXCEPTION_OR_NMI && (exit.event & 0xFF) != 8 && exit.event != 0;
    return fault ? exit.event | NMI_UNBLOCKING : exit.event;
  }

  /** SDM vol. 3C, "Saving RIP, RSP, RFLAGS, and SSP": what the image on a stack would have. */
  private static boolean setsResumeFlag(VmExit exit) {
    return switch (exit.reason) {
      case ExitReason.EXCEPTION_OR_NMI -> {
        int vector = exit.event & 0xFF;
        boolean fault = (exit.event & VmExit.EVENT_TYPE) == VmExit.EXCEPTION && vector != 1;
        yield fault;
      }
      case ExitReason.EPT_VIOLATION, ExitReason.EPT_MISCONFIGURATION, ExitReason.PML_FULL ->
          exit.vectoring == 0;
      default -> false;
    };
  }

  /** Second act. */
  private void handOver(VmExit exit) {
    x.masks.clear();
    x.unpend(State.PENDING_VIRTUAL | State.PENDING_VIRTUAL_EVENT);
    if (exit.reason == ExitReason.EXCEPTION_OR_NMI
        && (exit.event & VmExit.EVENT_TYPE) == VmExit.NMI) {
      x.v.core.setNmiBlocked(true);
    }
    if (x.handOver(exit, host)) {
      return;
    }
    if ((x.state(State.EFER) & Vmx.EFER_LMA) != 0
        && !x.exitControl(Control.Exit.HOST_ADDRESS_SPACE_SIZE)) {
      abort(ABORT_IA32E_UNDER_LEGACY_HOST);
      return;
    }
    if (!host.load()) {
      abort(ABORT_HOST_PDPTES);
      return;
    }
    if (msrs.loadForExit() != 0) {
      abort(ABORT_LOADING_MSRS);
      return;
    }
    x.v.core.stateReplaced();
  }

  /** VMX abort: the indicator goes to the VMCS region, the processor to shutdown. */
  private void abort(int indicator) {
    x.masks.clear();
    x.v.memory.store(null, x.vmcs.region + Vmcs.ABORT_OFFSET, 4, indicator);
    x.setState(State.ACTIVITY, State.SHUTDOWN);
    x.v.core.note("VMX abort " + indicator);
    x.v.attention(State.ATTENTION_EVENT);
  }

  /** VMFUNC: other tables for the same guest. */
  void switchTables() {
    guest.enterWorld();
    checkedRegion = Vmcs.NONE;
  }

  /** The state came from elsewhere: masks and worlds follow the current VMCS again. */
  void restored(boolean inGuest) {
    checkedRegion = Vmcs.NONE;
    x.masks.clear();
    if (inGuest) {
      masks.compile();
      guest.enterWorld();
      events.entered();
    } else {
      host.enterWorld();
    }
  }

  /** {@return why a guest cannot be entered from Java, or null} */
  String enterFromJava() {
    boolean launch = !x.vmcs.launched;
    List<String> failed = failures();
    if (!failed.isEmpty()) {
      return failed.getFirst();
    }
    enter(launch);
    return x.masks.guest || x.target != null ? null : "the guest was left at once";
  }
}
