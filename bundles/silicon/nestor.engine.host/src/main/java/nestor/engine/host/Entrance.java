// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.State;

/** The way from Java into translated code and back: the guest's flags and upper vector halves. */
final class Entrance {
  private final Stubs stubs;
  private boolean stale;

  Entrance(Stubs stubs) {
    this.stubs = stubs;
  }

  /**
   * Code changed.
   *
   * @param byOthers whether another thread may have done it: this one must not run then what its
   *     CPU has fetched before
   */
  void codeChanged(boolean byOthers) {
    stale |= byOthers;
  }

  /**
   * Runs translated code until it leaves. RFLAGS is complete before and after.
   *
   * @param vectors whether it uses vector registers at once
   * @param budget instructions that may retire behind the block that is entered
   * @return the reason; {@link Frame#STATE_BUDGET} holds what is left of the budget
   */
  int enter(long s, long code, boolean vectors, long budget) {
    Mem.putLong(s + Frame.STATE_FLAGS, toFrame(Mem.getLong(s + State.RFLAGS)));
    Mem.putLong(s + Frame.STATE_BUDGET, budget);
    if (stale) {
      stale = false;
      Native.call(stubs.serialize, 0, 0);
    }
    int reason = (int) Native.call(vectors ? stubs.enterWithVectors : stubs.enter, s, code);
    // RFLAGS is read again: CLD and STD change DF in place.
    long rflags = Mem.getLong(s + State.RFLAGS);
    Mem.putLong(s + State.RFLAGS, fromFrame(rflags, Mem.getLong(s + Frame.STATE_FLAGS)));
    if ((Mem.getLong(s + Frame.STATE_CLEARED) | Mem.getLong(s + Frame.STATE_CLEARED + 8)) != 0) {
      clearUpperHalves(s);
    }
    return reason;
  }

  private static void clearUpperHalves(long s) {
    for (int n = 0; n < 16; n++) {
      if (Mem.getByte(s + Frame.STATE_CLEARED + n) != 0) {
        Mem.fill(State.vector(s, n) + 32, 32, (byte) 0);
      }
    }
  }

  private static long toFrame(long rflags) {
    return (rflags & 0xD5) << 8 | rflags >>> 11 & 1;
  }

  private static long fromFrame(long rflags, long flags) {
    return rflags & ~(long) Flags.ARITHMETIC | flags >>> 8 & 0xD5 | (flags & 1) << 11;
  }
}
