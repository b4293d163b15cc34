// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.State;

/** The fields of DR7 (SDM vol. 3B, "Debug Control Register (DR7)"). */
final class Breakpoints {
  private static final int DR6 = State.DR + 48;
  private static final int DR7 = State.DR + 56;
  private static final int DR7_GD = 1 << 13;

  private Breakpoints() {}

  static boolean isEnabled(Core core, int n) {
    return (core.get(DR7) >>> (2 * n) & 3) != 0;
  }

  /** {@return 0 for instructions, 1 for data writes, 2 for I/O, 3 for data reads and writes} */
  static int type(Core core, int n) {
    return (int) (core.get(DR7) >>> (16 + 4 * n)) & 3;
  }

  static int length(Core core, int n) {
    return switch ((int) (core.get(DR7) >>> (18 + 4 * n)) & 3) {
      case 0 -> 1;
      case 1 -> 2;
      case 2 -> 8;
      default -> 4;
    };
  }

  /**
   * #DB goes to its handler: DR6 tells why, and debug traps that were held back become part of it.
   */
  static void enterHandler(Core core, long dr6Bits) {
    long held = core.get(State.DEBUG_HITS);
    core.set(State.DEBUG_HITS, 0);
    core.set(State.PENDING, core.get(State.PENDING) & ~State.PENDING_DEBUG);
    long bits = dr6Bits | held;
    if (bits != 0) {
      core.set(DR6, core.get(DR6) & ~0xFL | bits);
    }
    core.set(DR7, core.get(DR7) & ~DR7_GD);
    long control = core.get(Core.DEBUGCTL);
    if (control != 0) {
      core.set(Core.DEBUGCTL, control & ~(Core.LBR | Core.BTF));
      BranchRecords.enabledChanged(core);
    }
  }

  /** DR0-3 or DR7 changed: engines step for code breakpoints, the MMU watches for data. */
  static void enabledChanged(Core core) {
    boolean code = false;
    for (int n = 0; n < 4; n++) {
      code |= isEnabled(core, n) && type(core, n) == 0;
    }
    long step = core.get(State.STEP) & ~State.STEP_BREAKPOINT;
    core.set(State.STEP, code ? step | State.STEP_BREAKPOINT : step);
    core.v.mmu.modeChanged();
  }
}
