// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Isa;
import nestor.isa.Mnemonic;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * XRSTOR and XRSTORS (SDM vol. 1, "Operation of XRSTOR", "Operation of XRSTORS"). All is read and
 * checked before any of it is loaded.
 */
final class Xrstor {
  private static final int ALIGNMENT = 64;
  private static final int HEADER_BYTES = 64;

  /** A CPU without XSAVEC does not know the compacted form either. */
  private static final int COMPACTING_ROW =
      Isa.rows().stream()
          .filter(row -> row.mnemonic == Mnemonic.XSAVEC)
          .findFirst()
          .orElseThrow()
          .index;

  private Xrstor() {}

  static void execute(Vcpu v, Insn i) {
    long s = v.state;
    SavedState.checkSupervisor(v, i);
    boolean supervisor = i.row.mnemonic == Mnemonic.XRSTORS;
    long enabled = State.get(s, State.XCR0) | (supervisor ? State.get(s, State.XSS) : 0);
    long requested = Xsave.requested(v, enabled);

    long image = s + State.IMAGE;
    long linear = SavedState.area(v, i, ALIGNMENT, XsaveComponents.LEGACY_AND_HEADER, false);
    GuestMemory.loadBytes(
        v, linear + XsaveComponents.LEGACY, image + XsaveComponents.LEGACY, HEADER_BYTES);
    long present = Mem.getLong(image + XsaveComponents.LEGACY);
    long compaction = Mem.getLong(image + XsaveComponents.LEGACY + 8);
    checkHeader(v, image + XsaveComponents.LEGACY, enabled, supervisor);

    boolean compacted = compaction < 0;
    long loaded = requested & present;
    int bytes = XsaveComponents.areaSize(loaded, compaction, v.amd);
    SavedState.area(v, i, ALIGNMENT, bytes, false);
    boolean sse = (requested & XsaveComponents.SSE) != 0;
    boolean mxcsr =
        compacted
            ? (loaded & XsaveComponents.SSE) != 0
            : sse || (requested & XsaveComponents.AVX) != 0;
    if (mxcsr || (loaded & (XsaveComponents.X87 | XsaveComponents.SSE)) != 0) {
      GuestMemory.loadBytes(v, linear, image, XsaveComponents.LEGACY);
    }
    long newMxcsr =
        mxcsr
            ? SavedState.mxcsr(v, Mem.getInt(image + LegacyRegion.MXCSR))
            : sse ? XsaveComponents.INITIAL_MXCSR : State.get(s, State.MXCSR);
    for (int n = XsaveComponents.FIRST_EXTENDED; n < XsaveComponents.END; n++) {
      if ((loaded >>> n & 1) != 0) {
        int offset = XsaveComponents.offset(n, compaction, v.amd);
        long at = image + XsaveComponents.offset(n, 0, v.amd);
        GuestMemory.loadBytes(v, linear + offset, at, ExtendedRegion.length(i, n));
      }
    }
    State.set(s, State.MXCSR, newMxcsr);
    load(v, i, requested, loaded);
  }

  private static void checkHeader(Vcpu v, long header, long enabled, boolean supervisor) {
    long present = Mem.getLong(header);
    long compaction = Mem.getLong(header + 8);
    long reserved = Mem.getLong(header + 16);
    boolean valid;
    if (compaction < 0 && v.offered[COMPACTING_ROW]) {
      for (int n = 24; n < HEADER_BYTES; n += 8) {
        reserved |= Mem.getLong(header + n);
      }
      long format = compaction & ~XsaveComponents.COMPACTED;
      valid = (format & ~enabled) == 0 && (present & ~format) == 0 && reserved == 0;
    } else {
      valid = !supervisor && (present & ~enabled) == 0 && compaction == 0 && reserved == 0;
    }
    if (!valid) {
      throw v.protection();
    }
  }

  /** Loads the requested components from the image, or initialises those that it lacks. */
  private static void load(Vcpu v, Insn i, long requested, long loaded) {
    long s = v.state;
    if ((loaded & XsaveComponents.X87) != 0) {
      LegacyRegion.loadX87(v, i);
    } else if ((requested & XsaveComponents.X87) != 0) {
      X87Control.initialise(s);
      Mem.fill(s + State.ST, 128, (byte) 0);
    }
    if ((loaded & XsaveComponents.SSE) != 0) {
      LegacyRegion.loadXmm(s, i);
    } else if ((requested & XsaveComponents.SSE) != 0) {
      for (int n = 0; n < LegacyRegion.registers(i); n++) {
        Mem.fill(State.vector(s, n), 16, (byte) 0);
      }
    }
    for (int n = XsaveComponents.FIRST_EXTENDED; n < XsaveComponents.END; n++) {
      if ((requested >>> n & 1) != 0) {
        long at = s + State.IMAGE + XsaveComponents.offset(n, 0, v.amd);
        if ((loaded >>> n & 1) == 0) {
          Mem.fill(at, XsaveComponents.size(n), (byte) 0);
        }
        ExtendedRegion.load(v, i, n, at);
      }
    }
  }
}
