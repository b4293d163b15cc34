// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;

/**
 * Brings events to their handlers, with the faults that delivery itself meets: double fault and
 * shutdown (SDM vol. 3A, "Interrupt 8: Double Fault Exception (#DF)").
 */
final class Exceptions {
  static final int VIRTUALIZATION = 20;
  static final int CONTROL_PROTECTION = 21;

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
    if (fault instanceof VmExit exit) {
      leave(exit);
      return;
    }
    int vector = fault.vector;
    if (vector == GuestFault.WAIT) {
      return;
    }
    if (exits(vector, fault.errorCode, fault.address)) {
      return;
    }
    if (vector == GuestFault.DB) {
      Breakpoints.enterHandler(core, fault.address);
    }
    if (vector == GuestFault.PF) {
      core.set(State.CR2, fault.address);
    }
    // Instruction breakpoints keep RF as it was; other faults set it (SDM vol. 3B, "Instruction-
    // Breakpoint Exception Condition").
    boolean breakpoint = vector == GuestFault.DB && (fault.address & 15) != 0;
    long flags = Flags.read(core.state) | (breakpoint ? 0 : Flags.RF);
    deliver(vector, VmExit.EXCEPTION, fault.errorCode, flags);
  }

  /** Delivers #DB as a trap at an instruction boundary. */
  void debugTrap(long dr6Bits) {
    if (exits(GuestFault.DB, 0, dr6Bits)) {
      return;
    }
    Breakpoints.enterHandler(core, dr6Bits);
    deliver(GuestFault.DB, VmExit.EXCEPTION, 0, Flags.read(core.state));
  }

  void nonMaskable() {
    core.setFlag(Core.NMI_BLOCKED, true);
    deliver(NMI, VmExit.NMI, 0, Flags.read(core.state));
  }

  void external(int vector) {
    deliver(vector, VmExit.EXTERNAL, 0, Flags.read(core.state));
  }

  /** Delivers an event that a hypervisor made (SDM vol. 3C, "Event Injection"). */
  void inject(int event, int errorCode, int length) {
    core.vectoringLength = length;
    int type = event & VmExit.EVENT_TYPE;
    boolean fault = type == VmExit.EXCEPTION && (event & 0xFF) != GuestFault.DB;
    long flags = Flags.read(core.state) | (fault ? Flags.RF : 0);
    deliver(event & 0xFF, type | event & VmExit.EVENT_ERROR, errorCode, flags);
  }

  /** Performs a VM exit, with the event whose delivery it ended. */
  private void leave(VmExit exit) {
    exit.vectoring = core.vectoring;
    exit.vectoringError = core.vectoringError;
    exit.vectoringLength = core.vectoringLength;
    core.vectoring = 0;
    core.ext = 0;
    core.v.virtualization.exit(exit);
  }

  /** {@return whether an exception left guest mode instead of being delivered} */
  private boolean exits(int vector, int errorCode, long address) {
    if ((core.v.intercepts.exceptions >>> vector & 1) == 0) {
      core.vectoring = 0;
      return false;
    }
    int event = word(vector, VmExit.EXCEPTION);
    VmExit exit = core.v.virtualization.exception(event, errorCode, address);
    if (exit == null) {
      core.vectoring = 0;
      return false;
    }
    leave(exit);
    return true;
  }

  private int word(int vector, int type) {
    boolean withCode =
        type == VmExit.EXCEPTION
            && GuestFault.hasErrorCode(vector)
            && State.protectedMode(core.state);
    return VmExit.EVENT_VALID | (withCode ? VmExit.EVENT_ERROR : 0) | type | vector;
  }

  /**
   * Delivers at a boundary or for a fault: the return address is {@code State.rip}, or that of the
   * next instruction for an injected software event.
   *
   * @param firstType event type of {@link VmExit}; an error-code bit asks for one, else the vector
   */
  private void deliver(int firstVector, int firstType, int firstError, long flags) {
    int vector = firstVector;
    int error = firstError;
    int type = firstType & VmExit.EVENT_TYPE;
    boolean exception = isException(type);
    int event = word(vector, type) | firstType & VmExit.EVENT_ERROR;
    boolean software = type == VmExit.SOFTWARE_INTERRUPT || type == VmExit.SOFTWARE_EXCEPTION;
    long image = flags;
    core.ext = software ? 0 : 1;
    core.endShadow();
    while (true) {
      long rip = core.get(State.RIP);
      long returnRip = type >= VmExit.SOFTWARE_INTERRUPT ? rip + core.vectoringLength : rip;
      core.vectoring = event;
      core.vectoringError = error;
      try {
        boolean withCode = (event & VmExit.EVENT_ERROR) != 0;
        log.begin(vector, withCode ? error : -1, rip, core.get(State.CR2), exception);
        delivery.deliver(vector, software, withCode ? error & 0xFFFF_FFFF : -1, returnRip, image);
        BranchRecords.delivered(core, rip, delivery.target);
        core.set(State.RIP, delivery.target);
        core.set(State.NEXT_RIP, delivery.target);
        core.set(State.ACTIVITY, State.ACTIVE);
        core.setFlag(Core.IN_MWAIT | Core.MONITOR_ARMED, false);
        log.delivered(delivery.target);
        core.vectoring = 0;
        if ((core.get(State.STEP) & State.STEP_MONITOR) != 0) {
          core.v.virtualization.stepped();
        }
        break;
      } catch (GuestFault second) {
        if (second instanceof VmExit exit) {
          leave(exit);
          return;
        }
        int next = second.vector;
        int nextError = second.errorCode;
        long address = second.address;
        Kind first = exception ? kind(vector) : Kind.BENIGN;
        log.failed(next, nextError);
        if (exits(next, nextError, address)) {
          return;
        }
        if (next == GuestFault.PF) {
          core.set(State.CR2, address);
        }
        if (first == Kind.DOUBLE_FAULT && kind(next) != Kind.BENIGN) {
          shutdown(core.v);
          break;
        }
        if (combines(first, kind(next))) {
          vector = GuestFault.DF;
          error = 0;
          if (exits(vector, error, 0)) {
            return;
          }
        } else {
          vector = next;
          error = nextError;
        }
        type = VmExit.EXCEPTION;
        event = word(vector, type);
        software = false;
        core.ext = 1;
        exception = true;
        image |= Flags.RF;
      }
    }
    core.ext = 0;
  }

  private static boolean isException(int type) {
    return type == VmExit.EXCEPTION
        || type == VmExit.SOFTWARE_EXCEPTION
        || type == VmExit.PRIVILEGED_SOFTWARE;
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
    core.vectoring = 0;
    core.ext = 0;
    if (v.intercepts.guest && v.virtualization.shutdown()) {
      return;
    }
    core.set(State.ACTIVITY, State.SHUTDOWN);
    log.shutdown();
    v.attention(State.ATTENTION_EVENT);
  }
}
