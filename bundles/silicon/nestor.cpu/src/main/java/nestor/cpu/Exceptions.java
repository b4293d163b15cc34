// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Brings events to their handlers, with the faults that delivery itself meets: double fault and
 * shutdown (SDM vol. 3A, "Interrupt 8: Double Fault Exception (#DF)").
 */
final class Exceptions {
  static final int VIRTUALIZATION = 20;
  static final int CONTROL_PROTECTION = 21;

  private static final int DR6 = State.DR + 48;
  private static final int DR7 = State.DR + 56;
  private static final int DR7_GD = 1 << 13;
  private static final int NMI = 2;

  /** Classes of events for the double-fault rule. */
  private enum Kind {
    BENIGN,
    CONTRIBUTORY,
    PAGE_FAULT,
    DOUBLE_FAULT
  }

  private final Core core;
  private final Delivery delivery;
  private final EventLog log;

  Exceptions(Core core, Delivery delivery, EventLog log) {
    this.core = core;
    this.delivery = delivery;
    this.log = log;
  }

  private static Kind kind(int vector) {
    return switch (vector) {
      case GuestFault.DE,
          GuestFault.TS,
          GuestFault.NP,
          GuestFault.SS,
          GuestFault.GP,
          CONTROL_PROTECTION ->
          Kind.CONTRIBUTORY;
      case GuestFault.PF, VIRTUALIZATION -> Kind.PAGE_FAULT;
      case GuestFault.DF -> Kind.DOUBLE_FAULT;
      default -> Kind.BENIGN;
    };
  }

  /** Delivers a fault of the current instruction; it returns to the instruction itself. */
  void raise(GuestFault fault) {
    core.trapSuppressed = true;
    int vector = fault.vector;
    if (vector == GuestFault.DB) {
      debug(fault.address);
    }
    if (vector == GuestFault.PF) {
      core.set(State.CR2, fault.address);
    }
    // Instruction breakpoints keep RF as it was; other faults set it (SDM vol. 3B, "Instruction-
    // Breakpoint Exception Condition").
    boolean breakpoint = vector == GuestFault.DB && (fault.address & 15) != 0;
    long flags = Flags.read(core.state) | (breakpoint ? 0 : Flags.RF);
    deliver(vector, fault.errorCode, flags, true);
  }

  /** Delivers #DB as a trap at an instruction boundary. */
  void debugTrap(long dr6Bits) {
    debug(dr6Bits);
    deliver(GuestFault.DB, 0, Flags.read(core.state), true);
  }

  void nonMaskable() {
    core.setFlag(Core.NMI_BLOCKED, true);
    deliver(NMI, 0, Flags.read(core.state), false);
  }

  void external(int vector) {
    deliver(vector, 0, Flags.read(core.state), false);
  }

  private void debug(long bits) {
    core.set(DR6, core.get(DR6) & ~0xFL | bits);
    core.set(DR7, core.get(DR7) & ~DR7_GD);
  }

  /** Delivers at a boundary or for a fault: the return address is {@code State.rip}. */
  private void deliver(int firstVector, int firstError, long flags, boolean isException) {
    Vcpu v = core.v;
    int vector = firstVector;
    int error = firstError;
    boolean exception = isException;
    long image = flags;
    core.ext = 1;
    core.endShadow();
    while (true) {
      long rip = core.get(State.RIP);
      try {
        boolean withCode =
            exception && GuestFault.hasErrorCode(vector) && State.protectedMode(core.state);
        log.begin(vector, withCode ? error : -1, rip, core.get(State.CR2), exception);
        delivery.deliver(vector, false, withCode ? error & 0xFFFF_FFFF : -1, rip, image);
        core.set(State.RIP, delivery.target);
        core.set(State.NEXT_RIP, delivery.target);
        core.set(State.ACTIVITY, State.ACTIVE);
        core.setFlag(Core.IN_MWAIT | Core.MONITOR_ARMED, false);
        log.delivered(delivery.target);
        break;
      } catch (GuestFault second) {
        int next = second.vector;
        if (next == GuestFault.PF) {
          core.set(State.CR2, second.address);
        }
        Kind first = exception ? kind(vector) : Kind.BENIGN;
        log.failed(next, second.errorCode);
        if (first == Kind.DOUBLE_FAULT && kind(next) != Kind.BENIGN) {
          shutdown(v);
          break;
        }
        if (combines(first, kind(next))) {
          vector = GuestFault.DF;
          error = 0;
        } else {
          vector = next;
          error = second.errorCode;
        }
        exception = true;
        image |= Flags.RF;
      }
    }
    core.ext = 0;
  }

  static boolean doubles(int first, int second) {
    return combines(kind(first), kind(second));
  }

  private static boolean combines(Kind first, Kind second) {
    return switch (first) {
      case BENIGN -> false;
      case CONTRIBUTORY -> second == Kind.CONTRIBUTORY;
      case PAGE_FAULT -> second == Kind.CONTRIBUTORY || second == Kind.PAGE_FAULT;
      case DOUBLE_FAULT -> false;
    };
  }

  private void shutdown(Vcpu v) {
    core.set(State.ACTIVITY, State.SHUTDOWN);
    log.shutdown();
    v.attention(State.ATTENTION_EVENT);
  }
}
