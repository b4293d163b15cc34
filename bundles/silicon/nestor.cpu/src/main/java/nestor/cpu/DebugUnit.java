// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Debug registers, breakpoints and single steps (SDM vol. 3B, "Debug Registers"). */
final class DebugUnit {
  static final int BD = 1 << 13;
  static final int BS = 1 << 14;

  private static final int DR6 = State.DR + 48;
  private static final int DR7 = State.DR + 56;
  private static final long DR6_FIXED = 0xFFFF_0FF0L;
  private static final long DR6_WRITABLE = 0xE00F;
  private static final long DR7_FIXED = 0x400;
  private static final long DR7_WRITABLE = 0xFFFF_23FFL;
  private static final int DR7_GD = 1 << 13;

  private final Core core;
  private final Exceptions exceptions;

  DebugUnit(Core core, Exceptions exceptions) {
    this.core = core;
    this.exceptions = exceptions;
  }

  void reset() {
    for (int n = 0; n < 4; n++) {
      core.set(State.DR + 8 * n, 0);
    }
    core.set(DR6, DR6_FIXED);
    core.set(DR7, DR7_FIXED);
  }

  private int number(int register) {
    if (register == 4 || register == 5) {
      if ((core.get(State.CR4) & ControlRegisters.DE) != 0) {
        throw core.v.undefined();
      }
      register += 2;
    }
    if ((core.get(DR7) & DR7_GD) != 0) {
      GuestFault fault = core.v.fault(GuestFault.DB, 0);
      fault.address = BD;
      throw fault;
    }
    return register;
  }

  long read(int register) {
    return core.get(State.DR + 8 * number(register));
  }

  void write(int register, long value) {
    int n = number(register);
    if (n >= 6 && value >>> 32 != 0) {
      throw core.v.protection();
    }
    if (n == 6) {
      core.set(DR6, value & DR6_WRITABLE | DR6_FIXED);
    } else if (n == 7) {
      core.set(DR7, value & DR7_WRITABLE | DR7_FIXED);
      enabledChanged();
    } else {
      core.set(State.DR + 8 * n, value);
      enabledChanged();
    }
  }

  /** DR0-3 or DR7 changed. */
  void enabledChanged() {
    Breakpoints.enabledChanged(core);
  }

  /** Notes breakpoints on an I/O port. */
  void port(int port, int size) {
    long control = core.get(DR7);
    if ((control & 0xFF) == 0 || (core.get(State.CR4) & ControlRegisters.DE) == 0) {
      return;
    }
    long hits = 0;
    for (int n = 0; n < 4; n++) {
      int length = Breakpoints.length(core, n);
      long at = core.get(State.DR + 8 * n) & -length & 0xFFFF;
      if (Breakpoints.isEnabled(core, n)
          && Breakpoints.type(core, n) == 2
          && port < at + length
          && port + size > at) {
        hits |= 1L << n;
      }
    }
    if (hits != 0) {
      core.set(State.DEBUG_HITS, core.get(State.DEBUG_HITS) | hits);
      core.v.pend(State.PENDING_DEBUG);
    }
  }

  /** {@return the DR6 bits that wait, which are then gone} */
  long takeHits() {
    long hits = core.get(State.DEBUG_HITS);
    core.set(State.DEBUG_HITS, 0);
    return hits;
  }

  /**
   * Before a stepped instruction: instruction breakpoints are faults, unless RF is set. Intel's MOV
   * SS holds them back too, AMD's only traps and interrupts.
   */
  void before() {
    core.trapSuppressed = false;
    core.resumeLoaded = false;
    core.replaced = false;
    core.stepRip = core.get(State.RIP);
    if ((core.get(State.STEP) & State.STEP_BREAKPOINT) == 0
        || (core.get(State.RFLAGS) & Flags.RF) != 0
        || !core.v.amd && (core.get(State.STEP) & State.STEP_MOV_SS) != 0) {
      return;
    }
    Vcpu v = core.v;
    long linear = v.linearRip();
    if (!State.mode64(core.state)) {
      linear &= 0xFFFF_FFFFL;
    }
    long hits = 0;
    for (int n = 0; n < 4; n++) {
      if (Breakpoints.isEnabled(core, n)
          && Breakpoints.type(core, n) == 0
          && core.get(State.DR + 8 * n) == linear) {
        hits |= 1L << n;
      }
    }
    if (hits != 0) {
      GuestFault fault = v.fault(GuestFault.DB, 0);
      fault.address = hits;
      exceptions.raise(fault); // TF was the interrupted program's: the handler takes no trap for it
    }
  }

  private boolean hasBranched() {
    return core.get(State.RIP) != core.get(State.FALL_THROUGH);
  }

  /** {@return whether BTF leaves the trap to a later, taken branch} */
  private boolean passedOver() {
    return (core.get(Core.DEBUGCTL) & Core.BTF) != 0 && !hasBranched();
  }

  /** After a stepped instruction: shadows that were there before it end, TF traps. */
  void after(long before) {
    if (core.replaced) {
      core.replaced = false;
      core.trapSuppressed = false;
      return;
    }
    if ((before & State.STEP_BRANCH) != 0 && hasBranched()) {
      BranchRecords.taken(core, core.stepRip, core.get(State.RIP));
    }
    long over = before & (State.STEP_STI | State.STEP_MOV_SS);
    long step = core.get(State.STEP);
    if ((before & State.STEP_RESUME) != 0 && !core.resumeLoaded) {
      step &= ~State.STEP_RESUME;
      core.set(State.RFLAGS, core.get(State.RFLAGS) & ~Flags.RF);
    }
    step &= ~over;
    core.set(State.STEP, step);
    if (over != 0 && core.get(State.PENDING) != 0) {
      core.v.attention(State.ATTENTION_EVENT);
    }
    if ((before & State.STEP_TRAP) != 0
        && !core.trapSuppressed
        && !passedOver()
        && (step & State.STEP_MOV_SS) == 0) {
      core.set(State.DEBUG_HITS, core.get(State.DEBUG_HITS) | BS);
      core.v.pend(State.PENDING_DEBUG);
    }
    core.trapSuppressed = false;
    if ((before & State.STEP_MONITOR) != 0) {
      core.v.virtualization.stepped();
    }
  }
}
