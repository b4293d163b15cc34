// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import nestor.vcpu.ExitTarget;
import nestor.vcpu.InterceptMasks;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;

/**
 * What the parts of one vCPU's virtual-machine extensions share. Vendors add their registers and
 * their control structure.
 */
public abstract class VirtualizationState {
  /** CR0.PE. */
  public static final long CR0_PE = 1;

  /** CR0.TS. */
  public static final long CR0_TS = 1 << 3;

  /** CR0.ET. */
  public static final long CR0_ET = 1 << 4;

  /** CR0.PG. */
  public static final long CR0_PG = 1L << 31;

  /** CR4.PAE. */
  public static final long CR4_PAE = 1 << 5;

  /** CR4.LA57. */
  public static final long CR4_LA57 = 1 << 12;

  /** EFER.LME. */
  public static final long EFER_LME = 1 << 8;

  /** EFER.LMA. */
  public static final long EFER_LMA = 1 << 10;

  /** EFER.NXE. */
  public static final long EFER_NXE = 1 << 11;

  /** The vCPU. */
  public final Vcpu v;

  /** Its state block. */
  public final long s;

  /** Its intercepts. */
  public final InterceptMasks masks;

  /** Who takes exits instead of the host state; null for the host state. */
  public ExitTarget target;

  /** Shares a vCPU. */
  protected VirtualizationState(Vcpu v) {
    this.v = v;
    this.s = v.state;
    this.masks = v.intercepts;
  }

  /** {@return physical address of the current control structure, or -1} */
  public abstract long structure();

  /** {@return level of the guest: 2 below a hypervisor in the machine, 1 below a Java target} */
  public final int guestLevel() {
    return target == null ? 2 : 1;
  }

  /** {@return level of the software that runs} */
  public final int level() {
    return masks.guest ? guestLevel() : 1;
  }

  /** {@return a field of the state block} */
  public final long state(int field) {
    return State.get(s, field);
  }

  /** Sets a field of the state block. */
  public final void setState(int field, long value) {
    State.set(s, field, value);
  }

  /** {@return an exit of the instruction in execution, to be thrown} */
  public final VmExit instructionExit(int reason) {
    VmExit exit = v.exit(reason);
    exit.length = (int) (state(State.NEXT_RIP) - state(State.RIP));
    return exit;
  }

  /** {@return whether an address lies within the physical-address width} */
  public final boolean fitsPhysical(long address) {
    return address >>> v.core.physicalBits() == 0;
  }

  /** {@return whether an address is one of a page within the physical-address width} */
  public final boolean isPage(long address) {
    return (address & 0xFFF) == 0 && fitsPhysical(address);
  }

  /** Notes that the boundary has something to ask. */
  public final void pend(int bits) {
    v.pend(bits);
  }

  /** Takes that back. */
  public final void unpend(int bits) {
    setState(State.PENDING, state(State.PENDING) & ~bits);
  }

  /**
   * The second act of an exit that a Java target takes: the vCPU is in root mode, its state stays
   * the guest's, and no host state is loaded.
   *
   * @param rootWorld makes addresses belong to root mode
   */
  protected final void handOverToJava(VmExit exit, Runnable rootWorld) {
    setState(State.STEP, state(State.STEP) & State.STEP_USER);
    rootWorld.run();
    v.core.stateReplaced();
    target.exited(v, exit);
  }
}
