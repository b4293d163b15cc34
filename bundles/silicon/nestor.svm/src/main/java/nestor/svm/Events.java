// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.svm.Vectors.Third;
import nestor.vcpu.ExitGate;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.BoundaryGate;

/**
 * Physical and virtual interrupts and NMIs of a guest, in the order that the boundary asks (APM
 * vol. 2, "Interrupt Intercepts" and "Interrupt and Local APIC Support").
 */
final class Events extends BoundaryGate {
  /** #SX, and its error code for an INIT. */
  private static final int SECURITY = 30;

  private static final int INIT_REDIRECTED = 1;
  private static final int HWCR = 0xC001_0015;
  private static final long SMM_LOCK = 1;
  private static final int PRIORITY_SHIFT = 16;
  private static final int VECTOR_SHIFT = 32;

  private final Svm x;

  Events(Svm x) {
    super(x);
    this.x = x;
  }

  /** After VMRUN, STGI and the like: what is virtual and waits is watched for. */
  void watch() {
    if (x.control(Svm.V_IRQ) || x.virtualNmi() && x.control(Svm.V_NMI)) {
      x.v.pend(State.PENDING_VIRTUAL);
    }
  }

  /**
   * INIT stays pending over the exit, as all intercepted physical events do. With VM_CR.R_INIT what
   * is not intercepted becomes #SX (APM vol. 2, "INIT Intercept", "VM_CR MSR").
   */
  @Override
  public int initSignal() {
    if (x.masks.guest && x.third(Third.INIT)) {
      exit(ExitCode.INIT);
      x.v.pend(State.PENDING_INIT);
      return ExitGate.EXITED;
    }
    if ((x.vmCr & Svm.VM_CR_R_INIT) == 0) {
      return ExitGate.NORMAL;
    }
    x.setState(State.ACTIVITY, State.ACTIVE);
    x.v.system.raise(x.v.fault(SECURITY, INIT_REDIRECTED));
    return ExitGate.EXITED;
  }

  /**
   * SMI stays pending over the exit; the intercept counts while HWCR.SMMLOCK is 0 (APM vol. 2, "SMI
   * Intercept"). EXITINFO1 is 0: the SMI came from outside, not from an I/O instruction.
   */
  @Override
  public boolean managementInterrupt() {
    boolean locked = (x.v.system.readMsr(HWCR) & SMM_LOCK) != 0;
    if (locked || !x.third(Third.SMI)) {
      return false;
    }
    exit(ExitCode.SMI);
    x.v.pend(State.PENDING_SMI);
    return true;
  }

  /** Writes of control registers exit behind the instruction that made them. */
  @Override
  public boolean beforeDebugTraps() {
    if (x.pendingTrap == 0) {
      return false;
    }
    VmExit exit = x.v.exit(x.pendingTrap);
    exit.qualification = x.pendingTrapValue;
    exit(exit);
    return true;
  }

  @Override
  public int nonMaskable() {
    return x.third(Third.NMI) ? exit(ExitCode.NMI) : ExitGate.NORMAL;
  }

  private boolean isShadowed() {
    return isShadowed(State.STEP_STI | State.STEP_MOV_SS);
  }

  private boolean gifAllows() {
    return !x.virtualGif() || x.control(Svm.V_GIF);
  }

  /** A virtual NMI is delivered as a physical one would be. */
  @Override
  public boolean beforeNmi() {
    boolean takes =
        x.virtualNmi()
            && x.control(Svm.V_NMI)
            && !x.control(Svm.V_NMI_MASK)
            && gifAllows()
            && !isShadowed();
    if (takes) {
      x.control(Svm.V_NMI, false);
      x.control(Svm.V_NMI_MASK, true);
      x.v.core.inject(VmExit.EVENT_VALID | VmExit.NMI | 2, 0, 0);
    }
    return !x.masks.guest;
  }

  /** With V_INTR_MASKING the host's IF masks physical interrupts, else the guest's. */
  @Override
  public int interrupt() {
    boolean masking = x.control(Svm.V_INTR_MASKING);
    boolean open = masking ? x.hostInterrupts : (x.state(State.RFLAGS) & Flags.IF) != 0;
    if (!open) {
      return ExitGate.BLOCKED;
    }
    return x.third(Third.INTR) ? exit(ExitCode.INTR) : ExitGate.UNMASKED;
  }

  /** A virtual interrupt comes after physical ones. True if it exited. */
  @Override
  public boolean afterInterrupt() {
    long control = x.get(INTERRUPT_CONTROL);
    if ((control & Svm.V_IRQ) == 0
        || isShadowed()
        || (x.state(State.RFLAGS) & Flags.IF) == 0
        || !gifAllows()) {
      return false;
    }
    long priority = control >>> PRIORITY_SHIFT & 15;
    if ((control & Svm.V_IGN_TPR) == 0 && priority <= (control & 15)) {
      return false;
    }
    if (x.third(Third.VINTR)) {
      exit(ExitCode.VINTR);
      return true;
    }
    x.control(Svm.V_IRQ, false);
    int vector = (int) (control >>> VECTOR_SHIFT) & 0xFF;
    x.v.core.inject(VmExit.EVENT_VALID | VmExit.EXTERNAL | vector, 0, 0);
    return !x.masks.guest;
  }

  /** IRET with virtual NMIs ends their masking, and leaves the physical one. */
  @Override
  public boolean keepsNmiBlocked() {
    if (!x.virtualNmi()) {
      return false;
    }
    x.control(Svm.V_NMI_MASK, false);
    watch();
    return true;
  }
}
