// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * What the CPU core looks at to see whether something leaves guest mode: computed once at VM entry,
 * all zero outside guest mode, so that a machine without a hypervisor pays a load and a test.
 *
 * <p>A set bit means that {@link ExitGate} is asked, not that it will exit.
 */
public final class InterceptMasks {

  /** Whether a guest runs. */
  public boolean guest;

  /** Instructions, by {@code Row.interceptMask}. */
  public long instructions;

  /** Exceptions, by vector. */
  public int exceptions;

  /** Whether ports are asked about. */
  public boolean ports;

  /** Whether a task switch is asked about. */
  public boolean taskSwitch;

  /** Added to the TSC as the guest reads it, after scaling. */
  public long tscOffset;

  /** Factor of the TSC as the guest reads it, with {@link #tscFraction} binary places; 0 for 1. */
  public long tscMultiplier;

  /** See {@link #tscMultiplier}. */
  public int tscFraction;

  /**
   * Physical page whose data accesses go to {@link ExitGate#loadApicPage} and its sibling, or -1.
   */
  public long apicPage = -1;

  /**
   * Whether interrupts, NMIs and INIT wait and debug traps are dropped, in whatever mode: SVM's
   * global interrupt flag is 0.
   */
  public boolean eventsHeld;

  /** {@return the TSC as the guest sees it} */
  public long guestTsc(long tsc) {
    long value = tsc;
    if (tscMultiplier != 0) {
      long high = Math.unsignedMultiplyHigh(tsc, tscMultiplier);
      value = tsc * tscMultiplier >>> tscFraction | high << 64 - tscFraction;
    }
    return value + tscOffset;
  }

  /** Leaves guest mode: nothing is intercepted. */
  public void clear() {
    guest = false;
    instructions = 0;
    exceptions = 0;
    ports = false;
    taskSwitch = false;
    tscOffset = 0;
    tscMultiplier = 0;
    tscFraction = 0;
    apicPage = -1;
  }
}
