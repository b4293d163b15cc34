// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.vcpu.GuestFault;

/** The MSR areas (SDM vol. 3C, "Loading MSRs" and "Saving MSRs"). */
final class MsrLists {
  private static final int ENTRY_BYTES = 16;
  private static final int TSC = 0x10;
  private static final int FS_BASE = 0xC000_0100;
  private static final int GS_BASE = 0xC000_0101;
  private static final int SMM_MONITOR_CTL = 0x9B;
  private static final int MICROCODE_TRIGGER = 0x79;
  private static final int SMBASE = 0x9E;

  private final Vmx x;

  MsrLists(Vmx x) {
    this.x = x;
  }

  private long load(long address, int size) {
    return x.v.memory.load(null, address, size);
  }

  /** {@return at VM entry 0, or the number of the entry that could not be loaded, from 1} */
  int loadForEntry() {
    return load(x.get(ENTRY_MSR_LOAD_ADDRESS), x.get(ENTRY_MSR_LOAD_COUNT), true);
  }

  /** {@return at VM exit 0, or the number of the entry that could not be loaded, from 1} */
  int loadForExit() {
    return load(x.get(EXIT_MSR_LOAD_ADDRESS), x.get(EXIT_MSR_LOAD_COUNT), false);
  }

  private int load(long area, long count, boolean entry) {
    for (int i = 0; i < count; i++) {
      long address = area + (long) i * ENTRY_BYTES;
      int msr = (int) load(address, 4);
      if (load(address + 4, 4) != 0 || !mayLoad(msr, entry)) {
        return i + 1;
      }
      try {
        x.v.system.writeMsr(msr, load(address + 8, 8));
      } catch (GuestFault fault) {
        return i + 1;
      }
    }
    return 0;
  }

  private boolean mayLoad(int msr, boolean entry) {
    boolean forbidden =
        msr == FS_BASE
            || msr == GS_BASE
            || (msr & 0xFFFF_FF00) == 0x800
            || msr == SMM_MONITOR_CTL
            || entry && msr == MICROCODE_TRIGGER;
    return !forbidden;
  }

  /** {@return an MSR as an exit stores it: the TSC without the guest's offset and scaling} */
  private long value(int msr) {
    return msr == TSC ? x.v.system.tsc() : x.v.system.readMsr(msr);
  }

  /** {@return at VM exit 0, or the number of the entry that could not be stored, from 1} */
  int store() {
    long area = x.get(EXIT_MSR_STORE_ADDRESS);
    long count = x.get(EXIT_MSR_STORE_COUNT);
    for (int i = 0; i < count; i++) {
      long address = area + (long) i * ENTRY_BYTES;
      int msr = (int) load(address, 4);
      if (load(address + 4, 4) != 0 || (msr & 0xFFFF_FF00) == 0x800 || msr == SMBASE) {
        return i + 1;
      }
      try {
        x.v.memory.store(null, address + 8, 8, value(msr));
      } catch (GuestFault fault) {
        return i + 1;
      }
    }
    return 0;
  }
}
