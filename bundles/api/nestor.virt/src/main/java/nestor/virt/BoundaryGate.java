// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import nestor.vcpu.ExitGate;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/**
 * The part of a vendor's {@link ExitGate} that is asked between instructions. Vendors override
 * where their manual has something to say; everything else takes its usual course.
 */
public abstract class BoundaryGate {

  /** Does an exit. */
  @FunctionalInterface
  public interface Exits {
    /** Does it: both acts. */
    void exit(VmExit exit);
  }

  private final VirtualizationState shared;
  private Exits exits;

  /** The gate of one vCPU. */
  protected BoundaryGate(VirtualizationState shared) {
    this.shared = shared;
  }

  /** Says how exits are done; once, before the vCPU runs. */
  public final void exits(Exits how) {
    exits = how;
  }

  /** Does an exit that tells nothing but its reason. Returns {@link ExitGate#EXITED}. */
  protected final int exit(int reason) {
    return exit(shared.v.exit(reason));
  }

  /** Does an exit. Returns {@link ExitGate#EXITED}. */
  protected final int exit(VmExit exit) {
    exits.exit(exit);
    return ExitGate.EXITED;
  }

  /** {@return whether any of these shadows holds events off; bits {@code STEP_*}} */
  protected final boolean isShadowed(int bits) {
    return (shared.state(State.STEP) & bits) != 0;
  }

  /** {@return see {@link ExitGate#initSignal}} */
  public abstract int initSignal();

  /** {@return see {@link ExitGate#managementInterrupt}} */
  public boolean managementInterrupt() {
    return false;
  }

  /** {@return see {@link ExitGate#startup}} */
  public int startup(int vector) {
    return ExitGate.NORMAL;
  }

  /** {@return see {@link ExitGate#beforeDebugTraps}} */
  public boolean beforeDebugTraps() {
    return false;
  }

  /** {@return see {@link ExitGate#beforeNmi}} */
  public abstract boolean beforeNmi();

  /** {@return see {@link ExitGate#nonMaskable}} */
  public abstract int nonMaskable();

  /** {@return see {@link ExitGate#beforeInterrupt}} */
  public boolean beforeInterrupt() {
    return false;
  }

  /** {@return see {@link ExitGate#interrupt}} */
  public abstract int interrupt();

  /** {@return see {@link ExitGate#afterInterrupt}} */
  public boolean afterInterrupt() {
    return false;
  }

  /** See {@link ExitGate#stepped}. */
  public void stepped() {}

  /** {@return see {@link ExitGate#keepsNmiBlocked}} */
  public abstract boolean keepsNmiBlocked();
}
