// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.api.time.Timer;
import nestor.vcpu.State;
import nestor.vmx.Control.Pin;

/**
 * The VMX-preemption timer (SDM vol. 3C, "VMX-Preemption Timer"): it counts down whenever bit
 * {@link Capabilities#TIMER_SHIFT} of the TSC changes, so its end is known when it starts.
 */
final class PreemptionTimer {
  private static final long SECOND = 1_000_000_000L;

  private final Vmx x;
  private Timer timer;
  private boolean active;
  private long endTick;

  PreemptionTimer(Vmx x) {
    this.x = x;
  }

  private long tick() {
    return x.v.system.tsc() >>> Capabilities.TIMER_SHIFT;
  }

  /** VM entry: starts, if the control says so. */
  void start() {
    active = x.pin(Pin.PREEMPTION_TIMER);
    if (active) {
      endTick = tick() + x.get(PREEMPTION_TIMER_VALUE);
      arm();
    }
  }

  private void arm() {
    long left = (endTick << Capabilities.TIMER_SHIFT) - x.v.system.tsc();
    if (left <= 0) {
      x.pend(State.PENDING_VIRTUAL_EVENT);
      return;
    }
    if (timer == null) {
      timer = x.v.clock.timer("vmx preemption " + x.v.index, this::expired);
    }
    long hertz = x.v.core.tscHertz();
    long nanos = left / hertz * SECOND + (left % hertz * SECOND + hertz - 1) / hertz;
    timer.arm(x.v.clock.nanos() + nanos);
  }

  private void expired() {
    if (tick() < endTick) {
      arm(); // the TSC was set back meanwhile
    } else {
      x.pend(State.PENDING_VIRTUAL_EVENT);
    }
  }

  boolean isExpired() {
    return active && tick() >= endTick;
  }

  /** {@return what is left: the value that an exit saves} */
  long left() {
    return Math.max(0, endTick - tick());
  }

  void stop() {
    active = false;
    if (timer != null) {
      timer.cancel();
    }
  }

  boolean isActive() {
    return active;
  }

  /** Goes on after the state came from elsewhere. */
  void restore(boolean isActive, long left) {
    active = isActive;
    if (active) {
      endTick = tick() + left;
      arm();
    }
  }
}
