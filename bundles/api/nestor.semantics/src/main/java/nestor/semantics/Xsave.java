// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * XSAVE, XSAVEOPT, XSAVEC and XSAVES (SDM vol. 1, "Operation of XSAVE" and the sections after it).
 *
 * <p>Components are left out when they are in their initial configuration, but not when they are
 * unmodified since the last restore: the manuals allow that and do not demand it.
 */
final class Xsave {
  private static final int ALIGNMENT = 64;
  private static final int RAX = 0;
  private static final int RDX = 2;

  private Xsave() {}

  /** {@return the requested-feature bitmap: EDX:EAX with the components that are enabled} */
  static long requested(Vcpu v, long enabled) {
    long s = v.state;
    return (State.gpr(s, RDX, 4) << 32 | State.gpr(s, RAX, 4)) & enabled;
  }

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    SavedState.checkSupervisor(v, i);
    Mnemonic m = i.row.mnemonic;
    boolean compacted = m == Mnemonic.XSAVEC || m == Mnemonic.XSAVES;
    long enabled = State.get(s, State.XCR0) | (m == Mnemonic.XSAVES ? State.get(s, State.XSS) : 0);
    long requested = requested(v, enabled);
    long inUse = XsaveComponents.inUse(s);
    if (compacted && State.get(s, State.MXCSR) != XsaveComponents.INITIAL_MXCSR) {
      inUse |= XsaveComponents.SSE;
    }
    long saved = m == Mnemonic.XSAVE ? requested : requested & inUse;
    boolean mxcsr =
        compacted
            ? (saved & XsaveComponents.SSE) != 0
            : (requested & (XsaveComponents.SSE | XsaveComponents.AVX)) != 0;

    long compaction = compacted ? requested | XsaveComponents.COMPACTED : 0;
    int bytes = XsaveComponents.areaSize(saved, compaction, v.amd);
    long linear = SavedState.area(v, i, ALIGNMENT, bytes, true);
    v.mmu.checkWrite(linear, bytes);
    legacy(v, i, linear, saved, mxcsr);
    for (int n = XsaveComponents.FIRST_EXTENDED; n < XsaveComponents.END; n++) {
      if ((saved >>> n & 1) != 0) {
        int offset = XsaveComponents.offset(n, compaction, v.amd);
        int length = ExtendedRegion.save(s, i, n);
        GuestMemory.storeBytes(v, linear + offset, s + State.IMAGE, length);
      }
    }
    header(v, linear + XsaveComponents.LEGACY, requested, inUse, compaction);
  }

  private static void legacy(Vcpu v, Insn i, long linear, long saved, boolean mxcsr) {
    long s = v.state;
    long image = s + State.IMAGE;
    if ((saved & XsaveComponents.X87) != 0) {
      LegacyRegion.saveX87(v, i);
      GuestMemory.storeBytes(v, linear, image, LegacyRegion.MXCSR);
      int length = LegacyRegion.XMM - LegacyRegion.ST;
      GuestMemory.storeBytes(v, linear + LegacyRegion.ST, image + LegacyRegion.ST, length);
    }
    if (mxcsr) {
      LegacyRegion.saveMxcsr(s);
      GuestMemory.store64(v, linear + LegacyRegion.MXCSR, Mem.getLong(image + LegacyRegion.MXCSR));
    }
    if ((saved & XsaveComponents.SSE) != 0) {
      LegacyRegion.saveXmm(s, i);
      int length = LegacyRegion.xmmEnd(i) - LegacyRegion.XMM;
      GuestMemory.storeBytes(v, linear + LegacyRegion.XMM, image + LegacyRegion.XMM, length);
    }
  }

  /** XSTATE_BV, and in the compacted form XCOMP_BV; the standard form keeps what is not asked. */
  private static void header(Vcpu v, long header, long requested, long inUse, long compaction) {
    if (compaction != 0) {
      GuestMemory.store64(v, header, requested & inUse);
      GuestMemory.store64(v, header + 8, compaction);
    } else {
      long old = GuestMemory.load64(v, header);
      GuestMemory.store64(v, header, old & ~requested | requested & inUse);
    }
  }
}
