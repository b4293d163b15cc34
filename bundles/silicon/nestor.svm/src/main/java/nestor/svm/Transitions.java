// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import java.util.List;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.EntryCheck;
import nestor.virt.ExitLog;

/** VMRUN and #VMEXIT (APM vol. 2, same titles). */
final class Transitions {
  private static final int BREAKPOINT = 3;
  private static final int OVERFLOW = 4;

  private final Svm x;
  private final SvmGate gate;
  private final Events events;
  private final NestedFaults faults;
  private final ExitLog log;
  final GuestState guest;
  private final HostState host;

  Transitions(Svm x, SvmGate gate, Events events, NestedFaults faults, ExitLog log) {
    this.x = x;
    this.gate = gate;
    this.events = events;
    this.faults = faults;
    this.log = log;
    guest = new GuestState(x);
    host = new HostState(x);
  }

  /** {@return the RIP that #VMEXIT goes to} */
  long hostRip() {
    return host.rip();
  }

  /** {@return all checks that fail} */
  List<String> failures() {
    return EntryCheck.failures(CheckRows.ROWS, x);
  }

  /** VMRUN, with a good address. */
  void enter(long address) {
    x.hostInterrupts = (Flags.read(x.s) & Flags.IF) != 0;
    VmcbField stale = x.vmcb.open(address, x.capabilities.has(Capability.VMCB_CLEAN));
    if (stale != null) {
      log.suspicious(stale.name() + " changed under clean bit " + CleanGroup.of(stale));
    }
    if (x.target == null) {
      host.save();
    }
    Check failed = EntryCheck.first(CheckRows.ROWS, x);
    if (failed != null) {
      log.refused(failed);
      refuse();
      return;
    }
    tellFlush();
    guest.prepareWorld();
    MaskCompiler.compile(x);
    guest.load();
    log.entered();
    gate.entered();
    x.v.core.stateReplaced();
    events.watch();
    if (guest.legacyPae() && !pointers()) {
      return;
    }
    inject();
  }

  private void tellFlush() {
    int flush = (int) x.get(TLB_CONTROL);
    if (flush != 0 && log.isObserved()) {
      log.invalidated("TLB_CONTROL " + flush, x.get(GUEST_ASID), 0);
    }
  }

  /**
   * PDPTEs of a guest with PAE paging are loaded now (APM vol. 2, "Legacy PAE Mode"), where without
   * nested paging bad ones are an illegal state.
   */
  private boolean pointers() {
    try {
      if (x.v.mmu.loadPdptes() || x.nested()) {
        return true;
      }
    } catch (VmExit fault) {
      exit(fault);
      return false;
    }
    exit(x.v.exit(ExitCode.INVALID));
    return false;
  }

  private void inject() {
    long injected = x.get(EVENTINJ);
    int event = (int) injected;
    if (event >= 0) {
      return;
    }
    int vector = event & 0xFF;
    int type = event & VmExit.EVENT_TYPE;
    boolean exception = type == VmExit.EXCEPTION;
    boolean trap = exception && (vector == BREAKPOINT || vector == OVERFLOW);
    int length = 0;
    if (type == VmExit.SOFTWARE_INTERRUPT || trap) {
      // They return behind the instruction: nRIP says where that is.
      boolean known = x.capabilities.has(Capability.NRIPS);
      length = known ? (int) (x.get(NRIP) - x.get(RIP)) : 0;
      type = trap ? VmExit.SOFTWARE_EXCEPTION : type;
    }
    if (type == VmExit.NMI) {
      if (x.virtualNmi()) {
        x.control(Svm.V_NMI_MASK, true);
      } else {
        x.v.core.setNmiBlocked(true);
      }
    }
    int code = exception ? event & VmExit.EVENT_ERROR : 0;
    log.injected(event, (int) (injected >>> 32));
    x.v.core.inject(VmExit.EVENT_VALID | type | code | vector, (int) (injected >>> 32), length);
  }

  /** VMEXIT_INVALID: the guest's state in the VMCB stays as it is. */
  private void refuse() {
    VmExit exit = x.v.exit(ExitCode.INVALID);
    record(exit);
    log.exited(exit);
    handOver(exit);
  }

  /** A #VMEXIT: first act. */
  void exit(VmExit exit) {
    record(exit);
    if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
      faults.putInstructionBytes(exit);
    }
    guest.save();
    log.exited(exit);
    handOver(exit);
  }

  private void record(VmExit exit) {
    x.put(EXITCODE, exit.reason);
    x.put(EXITINFO1, exit.qualification);
    x.put(EXITINFO2, exit.qualification2);
    x.put(EXITINTINFO, interrupted(exit));
    x.put(EVENTINJ, 0);
    if (x.capabilities.has(Capability.NRIPS)) {
      x.put(NRIP, exit.length == 0 ? 0 : x.state(State.RIP) + exit.length);
    }
  }

  /** {@return the event whose delivery was cut short; INT3, INTO and INT1 count as exceptions} */
  private static long interrupted(VmExit exit) {
    int event = exit.vectoring;
    if (event == 0) {
      return 0;
    }
    int type = event & VmExit.EVENT_TYPE;
    if (type > VmExit.SOFTWARE_INTERRUPT) {
      event = event & ~VmExit.EVENT_TYPE | VmExit.EXCEPTION;
    }
    boolean code = (event & VmExit.EVENT_ERROR) != 0;
    return event & 0xFFFF_FFFFL | (code ? (long) exit.vectoringError << 32 : 0);
  }

  /** Second act. */
  private void handOver(VmExit exit) {
    x.masks.clear();
    x.masks.eventsHeld = true;
    x.pendingTrap = 0;
    if (x.handOver(exit, host)) {
      return;
    }
    boolean good = host.load();
    x.vmcb.close();
    if (!good) {
      x.setState(State.ACTIVITY, State.SHUTDOWN);
      x.v.core.note("#VMEXIT: PDPTEs of the host are bad");
      x.v.attention(State.ATTENTION_EVENT);
      return;
    }
    x.v.core.stateReplaced();
  }

  /** The state came from elsewhere: masks and worlds follow the VMCB again. */
  void restored(boolean inGuest, int hostPaging) {
    x.masks.clear();
    if (inGuest) {
      guest.restoreWorld(hostPaging);
      boolean held = x.masks.eventsHeld;
      MaskCompiler.compile(x);
      x.masks.eventsHeld = held;
      guest.enterWorld();
      gate.entered();
      events.watch();
    } else {
      host.enterWorld();
    }
  }

  /** {@return why a guest cannot be entered from Java, or null} */
  String enterFromJava(long address) {
    x.vmcb.address = address;
    List<String> failed = failures();
    if (!failed.isEmpty()) {
      return failed.getFirst();
    }
    enter(address);
    return x.masks.guest || x.target != null ? null : "the guest was left at once";
  }
}
