// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.device.MachinePort;
import nestor.api.machine.Ending;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** What devices ask of the machine, kept until the instruction that asked is over. */
final class GuestRequests implements MachinePort {
  private final long memoryBytes;
  private final int cpuCount;
  private final long seed;
  private final MachineClock clock;
  private final EventLog events;
  private final Runnable stop;
  private volatile boolean waiting;
  private String resetReason;
  private String holdReason;
  private Ending ending;

  /**
   * No request yet.
   *
   * @param stop asks vCPUs on threads of their own to stop; called inside the instruction that asks
   */
  GuestRequests(
      long memoryBytes,
      int cpuCount,
      long seed,
      MachineClock clock,
      EventLog events,
      Runnable stop) {
    this.memoryBytes = memoryBytes;
    this.cpuCount = cpuCount;
    this.seed = seed;
    this.clock = clock;
    this.events = events;
    this.stop = stop;
  }

  /** {@return whether something was asked for} */
  boolean isWaiting() {
    return waiting;
  }

  /** {@return why the machine shall be reset, or null} */
  String resetReason() {
    return resetReason;
  }

  /** {@return why the machine shall be held, or null} */
  String holdReason() {
    return holdReason;
  }

  /** A breakpoint: the machine shall be held at the next boundary of a vCPU. */
  synchronized void hold(Vcpu v, String why) {
    if (holdReason == null) {
      holdReason = why;
    }
    waiting = true;
    v.attention(State.ATTENTION_STOP);
  }

  /** {@return how the run shall end, or null} */
  Ending ending() {
    return ending;
  }

  void clear() {
    waiting = false;
    resetReason = null;
    holdReason = null;
    ending = null;
  }

  private void ask() {
    waiting = true;
    Vcpu v = clock.running();
    if (v != null) {
      v.attention(State.ATTENTION_STOP);
    }
    stop.run();
  }

  @Override
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public int cpuCount() {
    return cpuCount;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public void requestReset(String why) {
    if (ending == null && resetReason == null) {
      resetReason = why;
      ask();
    }
  }

  @Override
  public void requestPowerOff() {
    end(new Ending(Ending.Kind.POWER_OFF, 0, "the guest switched the machine off"));
  }

  @Override
  public void requestExit(int value) {
    end(new Ending(Ending.Kind.EXIT, value, "the guest ended the run with the value " + value));
  }

  private void end(Ending how) {
    if (ending == null) {
      ending = how;
      ask();
    }
  }

  @Override
  public void note(String what) {
    events.add(what);
  }
}
