// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vcpu.ExitGate;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;

/**
 * What exits between instructions, in the order that the boundary asks (SDM vol. 3C, "Other Causes
 * of VM Exits").
 */
final class Events {
  /** Does an exit. */
  interface Exits {
    void exit(VmExit exit);
  }

  private final Vmx x;
  private final ApicVirtualization apic;
  private final VmxGate gate;
  private final PreemptionTimer timer;
  private Exits exits;

  /** An MTF exit waits. */
  private boolean trapPending;

  Events(Vmx x, ApicVirtualization apic, VmxGate gate, PreemptionTimer timer) {
    this.x = x;
    this.apic = apic;
    this.gate = gate;
    this.timer = timer;
  }

  void exits(Exits how) {
    exits = how;
  }

  private boolean exit(int reason) {
    exits.exit(x.v.exit(reason));
    return true;
  }

  /** After VM entry: open windows are watched for. */
  void entered() {
    trapPending = false;
    if (x.primary(Primary.INTERRUPT_WINDOW_EXITING | Primary.NMI_WINDOW_EXITING)) {
      x.pend(State.PENDING_VIRTUAL);
    }
  }

  void stepped() {
    trapPending = true;
    x.pend(State.PENDING_VIRTUAL_EVENT);
  }

  int initSignal() {
    if (!x.masks.guest) {
      return x.on ? ExitGate.BLOCKED : ExitGate.NORMAL;
    }
    if (x.state(State.ACTIVITY) == State.WAIT_FOR_SIPI) {
      return ExitGate.BLOCKED;
    }
    exit(ExitReason.INIT);
    return ExitGate.EXITED;
  }

  int startup(int vector) {
    VmExit exit = x.v.exit(ExitReason.SIPI);
    exit.qualification = vector;
    exits.exit(exit);
    return ExitGate.EXITED;
  }

  boolean beforeDebugTraps() {
    if (apic.takesExit()) {
      return exit(ExitReason.TPR_BELOW_THRESHOLD);
    }
    if (trapPending) {
      trapPending = false;
      return exit(ExitReason.MONITOR_TRAP_FLAG);
    }
    return false;
  }

  private boolean shadow(int bits) {
    return (x.state(State.STEP) & bits) != 0;
  }

  boolean beforeNmi() {
    if (timer.isExpired()) {
      return exit(ExitReason.PREEMPTION_TIMER);
    }
    x.unpend(State.PENDING_VIRTUAL_EVENT);
    if (x.primary(Primary.NMI_WINDOW_EXITING)
        && !x.virtualNmiBlocked
        && !shadow(State.STEP_MOV_SS | State.STEP_STI)) {
      return exit(ExitReason.NMI_WINDOW);
    }
    return false;
  }

  int nonMaskable() {
    if (!x.pin(Pin.NMI_EXITING)) {
      return ExitGate.NORMAL;
    }
    x.unpend(State.PENDING_NMI);
    VmExit exit = x.v.exit(ExitReason.EXCEPTION_OR_NMI);
    exit.event = VmExit.EVENT_VALID | VmExit.NMI | 2;
    exits.exit(exit);
    return ExitGate.EXITED;
  }

  boolean beforeInterrupt() {
    boolean open =
        x.primary(Primary.INTERRUPT_WINDOW_EXITING)
            && (x.state(State.RFLAGS) & Flags.IF) != 0
            && !shadow(State.STEP_STI | State.STEP_MOV_SS);
    return open && exit(ExitReason.INTERRUPT_WINDOW);
  }

  int interrupt() {
    if (!gate.wantsInterrupts()) {
      return ExitGate.NORMAL;
    }
    exits.exit(gate.interrupt());
    return ExitGate.EXITED;
  }

  boolean keepsNmiBlocked() {
    x.unblockingNmi = false;
    if (x.pin(Pin.VIRTUAL_NMIS)) {
      x.unblockingNmi = x.virtualNmiBlocked;
      x.virtualNmiBlocked = false;
      x.v.attention(State.ATTENTION_EVENT);
      return true;
    }
    if (x.pin(Pin.NMI_EXITING)) {
      return true;
    }
    x.unblockingNmi = x.v.core.isNmiBlocked();
    return false;
  }
}
