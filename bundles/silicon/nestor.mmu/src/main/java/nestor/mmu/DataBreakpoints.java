// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Data breakpoints in DR0-DR3 (SDM vol. 3B, "Debug Registers"). Pages that hold one have no fast
 * tags for data, so that every access to them is checked here, after it was done: it is a trap.
 */
final class DataBreakpoints {
  private static final int WRITES = 1;
  private static final int READS_AND_WRITES = 3;

  /** Whether there are any. */
  boolean enabled;

  /** A number for the ones that are set: 0 for none, else new after each change. */
  long number;

  private long changes;

  private final Vcpu v;
  private final long[] addresses = new long[4];
  private final int[] lengths = new int[4];
  private final int[] types = new int[4];

  DataBreakpoints(Vcpu v) {
    this.v = v;
  }

  /** Reads the debug registers. True if a data breakpoint came, went or moved. */
  boolean update() {
    long dr7 = register(7);
    boolean changed = false;
    enabled = false;
    for (int i = 0; i < 4; i++) {
      int control = (int) (dr7 >>> 16 + 4 * i) & 15;
      boolean data = (control & 3) == WRITES || (control & 3) == READS_AND_WRITES;
      int length = (dr7 >>> 2 * i & 3) != 0 && data ? length(control >>> 2) : 0;
      long address = length == 0 ? 0 : register(i) & -length;
      int type = length == 0 ? 0 : control & 3;
      changed |= lengths[i] != length || addresses[i] != address || types[i] != type;
      lengths[i] = length;
      addresses[i] = address;
      types[i] = type;
      enabled |= length != 0;
    }
    if (changed) {
      changes++;
    }
    number = enabled ? changes : 0;
    return changed;
  }

  private static int length(int code) {
    return code == 2 ? 8 : code + 1;
  }

  private long register(int number) {
    return Mem.getLong(v.state + State.DR + 8L * number);
  }

  /** {@return whether a data breakpoint lies in the page of an address} */
  boolean inPage(long linear) {
    for (int i = 0; i < 4; i++) {
      if (lengths[i] != 0 && (addresses[i] ^ linear) >>> 12 == 0) {
        return true;
      }
    }
    return false;
  }

  /** Notes the breakpoints that an access has hit. */
  void check(long linear, int size, boolean write) {
    long hits = 0;
    for (int i = 0; i < 4; i++) {
      if (lengths[i] != 0
          && (write || types[i] == READS_AND_WRITES)
          && linear < addresses[i] + lengths[i]
          && addresses[i] < linear + size) {
        hits |= 1L << i;
      }
    }
    if (hits != 0) {
      long old = Mem.getLong(v.state + State.DEBUG_HITS);
      Mem.putLong(v.state + State.DEBUG_HITS, old | hits);
      v.pend(State.PENDING_DEBUG);
    }
  }
}
