// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Engine;
import nestor.vcpu.Flags;
import nestor.vcpu.LocalApic;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;

/**
 * What happens between two instructions, in the order of SDM vol. 3A, "Priority Among Concurrent
 * Events": INIT, traps of the last instruction, NMI, maskable interrupts.
 */
final class Boundary {
  private final Core core;
  private final Exceptions exceptions;
  private final Reset reset;
  private final DebugUnit debug;

  Boundary(Core core, Exceptions exceptions, Reset reset, DebugUnit debug) {
    this.core = core;
    this.exceptions = exceptions;
    this.reset = reset;
    this.debug = debug;
  }

  int look() {
    long attention = core.get(State.ATTENTION);
    if ((attention & State.ATTENTION_STOP) != 0) {
      // The rest is looked at when the vCPU runs again.
      core.set(State.ATTENTION, attention & ~State.ATTENTION_STOP);
      return Engine.STOPPED;
    }
    core.set(State.ATTENTION, 0);
    takeInit();
    int activity = (int) core.get(State.ACTIVITY);
    if (activity == State.SHUTDOWN) {
      return stay(Engine.SHUTDOWN);
    }
    if (activity == State.WAIT_FOR_SIPI) {
      if ((core.get(State.PENDING) & State.PENDING_SIPI) == 0) {
        return stay(Engine.HALTED);
      }
      reset.start((int) core.get(Core.SIPI_VECTOR));
    }
    unpend(State.PENDING_SIPI | State.PENDING_SMI); // There is no SMM: SMIs go nowhere.
    takeDebugTrap();
    takeNmi();
    takeInterrupt();
    activity = (int) core.get(State.ACTIVITY);
    if (activity == State.HALTED) {
      return stay(Engine.HALTED);
    }
    // A triple fault on the way.
    return activity == State.SHUTDOWN ? stay(Engine.SHUTDOWN) : SystemUnit.CONTINUE;
  }

  /** Leaves attention set, so that the engine asks again before it executes anything. */
  private int stay(int cause) {
    core.v.attention(State.ATTENTION_EVENT);
    return cause;
  }

  private boolean isPending(int bit) {
    return (core.get(State.PENDING) & bit) != 0;
  }

  private void unpend(int bits) {
    core.set(State.PENDING, core.get(State.PENDING) & ~bits);
  }

  private void takeInit() {
    if (isPending(State.PENDING_INIT)) {
      unpend(State.PENDING_INIT);
      reset.init();
    }
  }

  private boolean shadow(int bits) {
    return (core.get(State.STEP) & bits) != 0;
  }

  private void takeDebugTrap() {
    if (isPending(State.PENDING_DEBUG) && !shadow(State.STEP_MOV_SS)) {
      unpend(State.PENDING_DEBUG);
      long hits = debug.takeHits();
      if (hits != 0) {
        exceptions.debugTrap(hits);
      }
    }
  }

  /** STI may block NMIs like interrupts (SDM vol. 2, "STI"), and guests count on it. */
  private void takeNmi() {
    if (isPending(State.PENDING_NMI)
        && !core.flag(Core.NMI_BLOCKED)
        && !shadow(State.STEP_STI | State.STEP_MOV_SS)) {
      unpend(State.PENDING_NMI);
      exceptions.nonMaskable();
    }
  }

  private void takeInterrupt() {
    if (!isPending(State.PENDING_INTERRUPT)) {
      return;
    }
    Vcpu v = core.v;
    LocalApic apic = v.apic;
    int vector = apic == null ? -1 : apic.pendingVector();
    boolean external =
        vector < 0
            && v.externalRequest
            && v.external != null
            && (apic == null || apic.acceptsExternal());
    if (vector < 0 && !external) {
      unpend(State.PENDING_INTERRUPT);
      return;
    }
    boolean enabled = (core.get(State.RFLAGS) & Flags.IF) != 0;
    if (!enabled || shadow(State.STEP_STI | State.STEP_MOV_SS)) {
      if (core.flag(Core.MWAIT_BREAK) && core.flag(Core.IN_MWAIT)) {
        core.setFlag(Core.IN_MWAIT | Core.MWAIT_BREAK, false);
        core.set(State.ACTIVITY, State.ACTIVE);
      }
      return; // A write to IF, or the end of the shadow, asks for attention again.
    }
    if (external) {
      vector = v.external.acknowledge();
    } else {
      apic.acknowledge(vector);
    }
    exceptions.external(vector);
    if (!isPending(State.PENDING_INTERRUPT)) {
      return;
    }
    boolean more =
        apic != null && apic.pendingVector() >= 0
            || v.externalRequest && (apic == null || apic.acceptsExternal());
    if (!more) {
      unpend(State.PENDING_INTERRUPT);
    }
  }
}
