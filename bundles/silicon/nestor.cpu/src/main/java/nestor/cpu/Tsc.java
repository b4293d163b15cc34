// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.State;

/**
 * The time-stamp counter: guest time in ticks plus an offset (SDM vol. 3B, "Time-Stamp Counter").
 */
final class Tsc {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Core core;

  /** IA32_TSC_ADJUST. */
  private static final int ADJUST = State.CORE_PRIVATE + 32;

  Tsc(Core core) {
    this.core = core;
  }

  private long ticks() {
    long nanos = core.v.clock == null ? 0 : core.v.clock.nanos();
    long hertz = core.model.tscHertz();
    if (hertz == NANOS_PER_SECOND) {
      return nanos;
    }
    // Seconds and remainder apart: the whole product overflows.
    return nanos / NANOS_PER_SECOND * hertz + nanos % NANOS_PER_SECOND * hertz / NANOS_PER_SECOND;
  }

  /** {@return the counter as instructions of the guest in execution see it} */
  long read() {
    return core.v.intercepts.guest ? core.v.intercepts.guestTsc(physical()) : physical();
  }

  /** {@return the counter itself, whatever a hypervisor shows its guest} */
  long physical() {
    return ticks() + core.get(State.TSC_OFFSET);
  }

  void write(long value) {
    move(value - physical());
  }

  long adjust() {
    return core.get(ADJUST);
  }

  void writeAdjust(long value) {
    move(value - adjust());
  }

  private void move(long delta) {
    core.set(State.TSC_OFFSET, core.get(State.TSC_OFFSET) + delta);
    core.set(ADJUST, core.get(ADJUST) + delta);
    if (core.v.apic != null) {
      core.v.apic.tscChanged();
    }
  }
}
