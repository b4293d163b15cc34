// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.VmExit;

/** Exits of extended page tables, and the page-modification log (SDM vol. 3C, same titles). */
final class EptExits {
  private static final int LINEAR_VALID = 1 << 7;
  private static final int FINAL = 1 << 8;
  private static final int USER_LINEAR = 1 << 9;
  private static final int WRITABLE_LINEAR = 1 << 10;
  private static final int NO_EXECUTE_LINEAR = 1 << 11;
  private static final int LOG_ENTRIES = 512;

  private final Vmx x;

  EptExits(Vmx x) {
    this.x = x;
  }

  /** {@return the exit, with the qualification of SDM vol. 3C, table for EPT violations} */
  VmExit fault(SecondLevelFault cause) {
    if (cause.malformed) {
      VmExit exit = x.v.exit(ExitReason.EPT_MISCONFIGURATION);
      exit.physical = cause.physical;
      return exit;
    }
    VmExit exit = x.v.exit(ExitReason.EPT_VIOLATION);
    long qualification = cause.access | cause.allowed << 3;
    if (x.secondary(Control.Secondary.MODE_BASED_EXECUTE) && cause.userExecute) {
      qualification |= 1 << 6;
    }
    if (cause.linearValid) {
      qualification |= LINEAR_VALID;
      exit.linear = cause.linear;
    }
    if (cause.linearValid && cause.finalAccess) {
      qualification |= FINAL;
      qualification |= cause.userPage ? USER_LINEAR : 0;
      qualification |= cause.writablePage ? WRITABLE_LINEAR : 0;
      qualification |= cause.noExecutePage ? NO_EXECUTE_LINEAR : 0;
    }
    exit.qualification = qualification;
    exit.physical = cause.physical;
    return exit;
  }

  /** Writes a guest-physical page address to the log; a full log exits before anything is set. */
  void logWrite(long page) {
    int index = (int) x.get(PML_INDEX);
    if (index >= LOG_ENTRIES) {
      throw x.v.exit(ExitReason.PML_FULL);
    }
    x.v.memory.store(null, x.get(PML_ADDRESS) + 8L * index, 8, page);
    x.vmcs.put(PML_INDEX, index - 1 & 0xFFFF);
  }
}
