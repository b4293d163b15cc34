// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.device.EoiListener;
import nestor.vcpu.LocalApic;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The bus between local APICs, IOAPICs and devices that send messages: who gets what (SDM vol. 3A,
 * "Interrupt Distribution Mechanisms").
 */
final class ApicRouter {
  static final int FIXED = 0;
  static final int LOWEST_PRIORITY = 1;
  static final int SMI = 2;
  static final int NMI = 4;
  static final int INIT = 5;
  static final int START_UP = 6;
  static final int EXTERNAL = 7;

  private static final int SELF = 1;
  private static final int ALL = 2;
  private static final int OTHERS = 3;
  private static final int BROADCAST = 0xFF;

  private final Vcpu[] vcpus;
  private EoiListener[] eoiListeners = {};
  private int lastLowest;

  ApicRouter(Vcpu[] vcpus) {
    this.vcpus = vcpus;
  }

  /** An interprocessor interrupt; see {@link nestor.vcpu.ApicBus#send}. */
  void send(
      Vcpu from,
      int mode,
      int vector,
      int destination,
      boolean logical,
      boolean level,
      boolean assertLevel,
      int shorthand) {
    if (mode == INIT && level && !assertLevel) {
      return; // INIT level de-assert does nothing since the Pentium 4
    }
    switch (shorthand) {
      case SELF -> deliver(from, mode, vector, false);
      case ALL, OTHERS -> {
        for (Vcpu v : vcpus) {
          if (shorthand == ALL || v != from) {
            deliver(v, mode, vector, false);
          }
        }
      }
      default -> route(mode, vector, destination, logical, false);
    }
  }

  /** A message with a destination, from whomever. */
  void route(int mode, int vector, int destination, boolean logical, boolean level) {
    if (mode == LOWEST_PRIORITY) {
      Vcpu chosen = lowest(destination, logical);
      if (chosen != null) {
        deliver(chosen, FIXED, vector, level);
      }
      return;
    }
    for (Vcpu v : vcpus) {
      if (v.apic.matches(destination, logical)) {
        deliver(v, mode, vector, level);
      }
    }
  }

  /**
   * A 32-bit write into FEE00000h-FEEFFFFFh (SDM vol. 3A, "Message Address Register Format" and
   * "Message Data Register Format").
   */
  void message(long address, int data) {
    int destination = (int) (address >>> 12) & 0xFF;
    boolean logical = (address & 4) != 0;
    boolean level = (data & 0x8000) != 0;
    if (level && (data & 0x4000) == 0) {
      return; // a level-triggered message that de-asserts
    }
    int mode = data >>> 8 & 7;
    // Redirection hint with physical mode and no broadcast names one processor anyway.
    boolean redirect = (address & 8) != 0 && (logical || destination == BROADCAST);
    route(
        redirect && mode == FIXED ? LOWEST_PRIORITY : mode,
        data & 0xFF,
        destination == BROADCAST ? -1 : destination, // FFh means all to x2APICs too
        logical,
        level);
  }

  /** Ties go around, so that no processor gets all of them. */
  private Vcpu lowest(int destination, boolean logical) {
    Vcpu chosen = null;
    int best = Integer.MAX_VALUE;
    for (int i = 1; i <= vcpus.length; i++) {
      Vcpu v = vcpus[(lastLowest + i) % vcpus.length];
      if (v.apic.matches(destination, logical)) {
        int priority = v.apic.arbitrationPriority();
        if (priority >= 0 && priority < best) {
          best = priority;
          chosen = v;
        }
      }
    }
    if (chosen != null) {
      lastLowest = chosen.index;
    }
    return chosen;
  }

  private static void deliver(Vcpu v, int mode, int vector, boolean level) {
    switch (mode) {
      case SMI -> v.pend(State.PENDING_SMI);
      case NMI -> v.pend(State.PENDING_NMI);
      case INIT -> v.pend(State.PENDING_INIT);
      case START_UP -> startup(v, vector);
      default -> v.apic.deliver(mode, vector, level);
    }
  }

  private static void startup(Vcpu v, int vector) {
    if (v.rendezvous instanceof Crew crew && crew.isForeign(v)) {
      crew.postStartup(v, vector);
    } else {
      v.system.startupIpi(vector);
    }
  }

  /** A local APIC ended a level-triggered interrupt. */
  void endOfInterrupt(int vector) {
    for (EoiListener listener : eoiListeners) {
      listener.endOfInterrupt(vector);
    }
  }

  /** Who hears of ended level-triggered interrupts from now on. */
  void setEoiListeners(EoiListener[] listeners) {
    eoiListeners = listeners;
  }

  int lastLowest() {
    return lastLowest;
  }

  /** The wire {@code intr}: LINT0 of the first vCPU. */
  void external(boolean high) {
    Vcpu v = vcpus[0];
    v.externalRequest = high;
    v.apic.lint(0, high);
    refresh(v, v.apic);
  }

  /** The wire {@code nmi}: LINT1 of every vCPU. */
  void nmi(boolean high) {
    for (Vcpu v : vcpus) {
      v.apic.lint(1, high);
    }
  }

  /** The wire {@code smi}. */
  void smi(boolean high) {
    if (high) {
      for (Vcpu v : vcpus) {
        v.pend(State.PENDING_SMI);
      }
    }
  }

  /** Whether an interrupt waits may have changed. */
  static void refresh(Vcpu v, LocalApic apic) {
    if (v.rendezvous != null && v.rendezvous.isForeign(v)) {
      v.rendezvous.post(v, State.PENDING_INTERRUPT); // its own thread looks again
      return;
    }
    if (apic.pendingVector() >= 0 || (v.externalRequest && apic.acceptsExternal())) {
      v.pend(State.PENDING_INTERRUPT);
    } else {
      long pending = State.get(v.state, State.PENDING);
      State.set(v.state, State.PENDING, pending & ~State.PENDING_INTERRUPT);
    }
  }
}
