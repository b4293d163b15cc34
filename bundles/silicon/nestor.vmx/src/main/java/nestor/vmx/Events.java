// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vcpu.ExitGate;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.BoundaryGate;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;

/**
 * What exits between instructions, in the order that the boundary asks (SDM vol. 3C, "Other Causes
 * of VM Exits").
 */
final class Events extends BoundaryGate {
  private final Vmx x;
  private final ApicVirtualization apic;
  private final VmxGate gate;
  private final PreemptionTimer timer;

  /** An MTF exit waits. */
  private boolean trapPending;

  Events(Vmx x, ApicVirtualization apic, VmxGate gate, PreemptionTimer timer) {
    super(x);
    this.x = x;
    this.apic = apic;
    this.gate = gate;
    this.timer = timer;
  }

  /** After VM entry: open windows are watched for. */
  void entered() {
    trapPending = false;
    if (x.primary(Primary.INTERRUPT_WINDOW_EXITING | Primary.NMI_WINDOW_EXITING)) {
      x.pend(State.PENDING_VIRTUAL);
    }
  }

  @Override
  public void stepped() {
    trapPending = true;
    x.pend(State.PENDING_VIRTUAL_EVENT);
  }

  @Override
  public int initSignal() {
    if (!x.masks.guest) {
      return x.on ? ExitGate.BLOCKED : ExitGate.NORMAL;
    }
    if (x.state(State.ACTIVITY) == State.WAIT_FOR_SIPI) {
      return ExitGate.BLOCKED;
    }
    return exit(ExitReason.INIT);
  }

  @Override
  public int startup(int vector) {
    VmExit exit = x.v.exit(ExitReason.SIPI);
    exit.qualification = vector;
    return exit(exit);
  }

  @Override
  public boolean beforeDebugTraps() {
    if (apic.takesExit()) {
      return leave(ExitReason.TPR_BELOW_THRESHOLD);
    }
    if (trapPending) {
      trapPending = false;
      return leave(ExitReason.MONITOR_TRAP_FLAG);
    }
    return false;
  }

  private boolean leave(int reason) {
    exit(reason);
    return true;
  }

  @Override
  public boolean beforeNmi() {
    if (timer.isExpired()) {
      return leave(ExitReason.PREEMPTION_TIMER);
    }
    x.unpend(State.PENDING_VIRTUAL_EVENT);
    if (x.primary(Primary.NMI_WINDOW_EXITING)
        && !x.virtualNmiBlocked
        && !isShadowed(State.STEP_MOV_SS | State.STEP_STI)) {
      return leave(ExitReason.NMI_WINDOW);
    }
    return false;
  }

  @Override
  public int nonMaskable() {
    if (!x.pin(Pin.NMI_EXITING)) {
      return ExitGate.NORMAL;
    }
    x.unpend(State.PENDING_NMI);
    VmExit exit = x.v.exit(ExitReason.EXCEPTION_OR_NMI);
    exit.event = VmExit.EVENT_VALID | VmExit.NMI | 2;
    return exit(exit);
  }

  @Override
  public boolean beforeInterrupt() {
    boolean open =
        x.primary(Primary.INTERRUPT_WINDOW_EXITING)
            && (x.state(State.RFLAGS) & Flags.IF) != 0
            && !isShadowed(State.STEP_STI | State.STEP_MOV_SS);
    return open && leave(ExitReason.INTERRUPT_WINDOW);
  }

  @Override
  public int interrupt() {
    if (!gate.wantsInterrupts()) {
      return ExitGate.NORMAL;
    }
    return exit(gate.interrupt());
  }

  @Override
  public boolean keepsNmiBlocked() {
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
