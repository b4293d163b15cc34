// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Engine;
import nestor.vcpu.ExitGate;
import nestor.vcpu.Flags;
import nestor.vcpu.LocalApic;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;

/**
 * What happens between two instructions, in the order of SDM vol. 3A, "Priority Among Concurrent
 * Events": INIT, traps of the last instruction, NMI, maskable interrupts.
 */
final class Boundary {
  private final Core core;
  private final Exceptions exceptions;
  private final Reset reset;
  private final DebugUnit debug;
  private boolean exited;

  Boundary(Core core, Exceptions exceptions, Reset reset, DebugUnit debug) {
    this.core = core;
    this.exceptions = exceptions;
    this.reset = reset;
    this.debug = debug;
  }

  int look() {
    Vcpu v = core.v;
    if (core.get(State.ATTENTION) >>> 32 != 0) {
      v.rendezvous.pass(v);
    }
    if ((core.get(State.ATTENTION) & State.ATTENTION_STOP) != 0) {
      // The rest is looked at when the vCPU runs again.
      v.clearAttention(State.ATTENTION_STOP);
      return Engine.STOPPED;
    }
    v.clearAttention(-1);
    int cause;
    do {
      exited = false;
      cause = take();
    } while (exited); // into root mode, where other rules hold
    return cause;
  }

  /** Takes what may be taken; cut short by a VM exit. */
  private int take() {
    if (core.v.intercepts.eventsHeld) {
      return held();
    }
    takeInit();
    int activity = (int) core.get(State.ACTIVITY);
    if (exited) {
      return SystemUnit.CONTINUE;
    }
    if (activity == State.SHUTDOWN && !core.v.intercepts.guest) {
      return stay(Engine.SHUTDOWN);
    }
    if (activity == State.WAIT_FOR_SIPI) {
      return startup();
    }
    Virtualization virtual = core.v.intercepts.guest ? core.v.virtualization : null;
    if (virtual != null && isPending(State.PENDING_SMI) && virtual.managementInterrupt()) {
      exited = true;
      return SystemUnit.CONTINUE;
    }
    unpend(State.PENDING_SIPI | State.PENDING_SMI); // There is no SMM: SMIs go nowhere.
    exited = virtual != null && virtual.beforeDebugTraps();
    if (!exited && activity != State.SHUTDOWN) {
      takeDebugTrap();
    }
    if (!exited && virtual != null) {
      exited = virtual.beforeNmi();
    }
    if (!exited) {
      takeNmi();
    }
    if (!exited && virtual != null && activity != State.SHUTDOWN) {
      exited = virtual.beforeInterrupt();
    }
    if (!exited && activity != State.SHUTDOWN) {
      takeInterrupt();
    }
    if (!exited && virtual != null && activity != State.SHUTDOWN) {
      exited = virtual.afterInterrupt();
    }
    activity = (int) core.get(State.ACTIVITY);
    if (exited || activity == State.ACTIVE) {
      return SystemUnit.CONTINUE;
    }
    // A guest in shutdown waits as one in HLT does; else it was a triple fault on the way.
    boolean dead = activity == State.SHUTDOWN && !core.v.intercepts.guest;
    return stay(dead ? Engine.SHUTDOWN : Engine.HALTED);
  }

  /**
   * SVM's GIF is 0: events stay pending, traps of breakpoint registers are lost, and those of TF
   * are taken (APM vol. 2, "Global Interrupt Flag, STGI and CLGI Instructions").
   */
  private int held() {
    if (isPending(State.PENDING_DEBUG) && !shadow(State.STEP_MOV_SS)) {
      unpend(State.PENDING_DEBUG);
      long step = debug.takeHits() & DebugUnit.BS;
      if (step != 0) {
        exceptions.debugTrap(step);
      }
    }
    return switch ((int) core.get(State.ACTIVITY)) {
      case State.ACTIVE -> SystemUnit.CONTINUE;
      case State.SHUTDOWN -> stay(Engine.SHUTDOWN);
      default -> stay(Engine.HALTED);
    };
  }

  private int startup() {
    if (!isPending(State.PENDING_SIPI)) {
      return stay(Engine.HALTED);
    }
    unpend(State.PENDING_SIPI);
    int vector = (int) core.get(Core.SIPI_VECTOR);
    if (core.v.intercepts.guest) {
      exited = core.v.virtualization.startup(vector) == ExitGate.EXITED;
      return exited ? SystemUnit.CONTINUE : stay(Engine.HALTED);
    }
    reset.start(vector);
    return take();
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
    if (!isPending(State.PENDING_INIT)) {
      return;
    }
    Virtualization virtual = core.v.virtualization;
    unpend(State.PENDING_INIT);
    int verdict = virtual == null ? ExitGate.NORMAL : virtual.initSignal();
    if (verdict == ExitGate.BLOCKED) {
      core.set(State.PENDING, core.get(State.PENDING) | State.PENDING_INIT);
      return;
    }
    if (verdict == ExitGate.NORMAL) {
      reset.init();
    }
    exited = verdict == ExitGate.EXITED;
  }

  private boolean shadow(int bits) {
    return (core.get(State.STEP) & bits) != 0;
  }

  private void takeDebugTrap() {
    if (isPending(State.PENDING_DEBUG) && !shadow(State.STEP_MOV_SS)) {
      unpend(State.PENDING_DEBUG);
      long hits = debug.takeHits();
      if (hits != 0) {
        boolean guest = core.v.intercepts.guest;
        exceptions.debugTrap(hits);
        exited = guest != core.v.intercepts.guest;
      }
    }
  }

  /** STI may block NMIs like interrupts (SDM vol. 2, "STI"), and guests count on it. */
  private void takeNmi() {
    boolean guest = core.v.intercepts.guest;
    if (!isPending(State.PENDING_NMI)
        || core.flag(Core.NMI_BLOCKED)
        || shadow(State.STEP_STI | State.STEP_MOV_SS)
        || !guest && core.get(State.ACTIVITY) == State.SHUTDOWN) {
      return;
    }
    int verdict = guest ? core.v.virtualization.nonMaskable() : ExitGate.NORMAL;
    exited = verdict == ExitGate.EXITED;
    if (verdict == ExitGate.NORMAL) {
      unpend(State.PENDING_NMI);
      exceptions.nonMaskable();
      exited = guest != core.v.intercepts.guest;
    }
  }

  private void takeInterrupt() {
    if (!isPending(State.PENDING_INTERRUPT)) {
      return;
    }
    if (!interruptWaits()) {
      unpend(State.PENDING_INTERRUPT);
      return;
    }
    boolean guest = core.v.intercepts.guest;
    boolean enabled = (core.get(State.RFLAGS) & Flags.IF) != 0;
    if (!shadow(State.STEP_STI | State.STEP_MOV_SS) && guest) {
      int verdict = core.v.virtualization.interrupt();
      exited = verdict == ExitGate.EXITED;
      if (exited || verdict == ExitGate.BLOCKED) {
        return;
      }
      enabled |= verdict == ExitGate.UNMASKED;
    }
    if (!enabled || shadow(State.STEP_STI | State.STEP_MOV_SS)) {
      if (core.flag(Core.MWAIT_BREAK) && core.flag(Core.IN_MWAIT)) {
        core.setFlag(Core.IN_MWAIT | Core.MWAIT_BREAK, false);
        core.set(State.ACTIVITY, State.ACTIVE);
      }
      return; // A write to IF, or the end of the shadow, asks for attention again.
    }
    exceptions.external(acknowledge());
    exited = guest != core.v.intercepts.guest;
  }

  private boolean externalWaits() {
    Vcpu v = core.v;
    return v.externalRequest && v.external != null && (v.apic == null || v.apic.acceptsExternal());
  }

  private boolean interruptWaits() {
    LocalApic apic = core.v.apic;
    return apic != null && apic.pendingVector() >= 0 || externalWaits();
  }

  /** {@return the vector that waits, which its controller has let go; -1 if there is none} */
  int acknowledge() {
    LocalApic apic = core.v.apic;
    int vector = apic == null ? -1 : apic.pendingVector();
    if (vector >= 0) {
      apic.acknowledge(vector);
    } else if (externalWaits()) {
      vector = core.v.external.acknowledge();
    }
    if (!interruptWaits()) {
      unpend(State.PENDING_INTERRUPT);
    }
    return vector;
  }
}
