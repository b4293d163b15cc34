// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The 512 bytes that FXSAVE writes and the XSAVE area begins with (SDM vol. 1, "Legacy Region of an
 * XSAVE Area"), between the state block and its {@link State#IMAGE}.
 */
final class LegacyRegion {
  /** First byte of MXCSR, which MXCSR_MASK follows. */
  static final int MXCSR = 24;

  /** First byte of ST(0). */
  static final int ST = 32;

  /** First byte of XMM0. */
  static final int XMM = 160;

  private static final int FIP = 8;
  private static final int FDP = 16;

  /** High bits of 64-bit pointers that AMD processors replace by the sign: 57 are kept. */
  private static final int NOT_KEPT = 7;

  private static final int FSW_TOP_SHIFT = 11;

  private LegacyRegion() {}

  /** {@return the number of vector registers that the code size can name, without EVEX} */
  static int registers(Insn i) {
    return i.mode == 64 ? 16 : 8;
  }

  /** {@return one byte after the last XMM register that the mode has} */
  static int xmmEnd(Insn i) {
    return XMM + 16 * registers(i);
  }

  /** Whether the pointers are 64 bits wide and have no selectors. */
  private static boolean widePointers(Insn i) {
    return i.mode == 64 && i.wide == 1;
  }

  /**
   * Bytes 0-23 and the registers. AMD processors save the pointers only while an unmasked exception
   * is pending, and zeros otherwise (APM vol. 2, "Saving and Restoring Media and x87 State").
   */
  static void saveX87(Vcpu v, Insn i) {
    long s = v.state;
    long image = s + State.IMAGE;
    Mem.putShort(image, (short) State.get(s, State.FCW));
    Mem.putShort(image + 2, (short) State.get(s, State.FSW));
    Mem.putShort(image + 4, (short) State.get(s, State.FTW));
    if (v.amd && (State.get(s, State.FSW) & X87Status.SUMMARY) == 0) {
      Mem.putShort(image + 6, (short) 0);
      Mem.putLong(image + FIP, 0);
      Mem.putLong(image + FDP, 0);
    } else {
      savePointers(s, i);
    }
    int top = (int) State.get(s, State.FSW) >> FSW_TOP_SHIFT;
    for (int n = 0; n < 8; n++) {
      long from = State.st(s, top + n & 7);
      long to = image + ST + 16L * n;
      Mem.putLong(to, Mem.getLong(from));
      Mem.putLong(to + 8, Mem.getShort(from + 8) & 0xFFFFL);
    }
  }

  private static void savePointers(long s, Insn i) {
    long image = s + State.IMAGE;
    Mem.putShort(image + 6, (short) State.get(s, State.FOP));
    Mem.putLong(image + FIP, State.get(s, State.FIP));
    Mem.putLong(image + FDP, State.get(s, State.FDP));
    if (!widePointers(i)) {
      long selectors = State.get(s, State.FCS_FDS);
      Mem.putInt(image + FIP + 4, (int) selectors & 0xFFFF);
      Mem.putInt(image + FDP + 4, (int) (selectors >>> 16) & 0xFFFF);
    }
  }

  static void loadX87(Vcpu v, Insn i) {
    long s = v.state;
    long image = s + State.IMAGE;
    State.set(s, State.FCW, X87Control.controlWord(Mem.getShort(image)));
    State.set(s, State.FSW, Mem.getShort(image + 2) & 0xFFFFL);
    State.set(s, State.FTW, Mem.getByte(image + 4) & 0xFFL);
    State.set(s, State.FOP, Mem.getShort(image + 6) & 0x7FFL);
    long fip = Mem.getLong(image + FIP);
    long fdp = Mem.getLong(image + FDP);
    long selectors = 0;
    if (widePointers(i)) {
      if (v.amd) {
        fip = fip << NOT_KEPT >> NOT_KEPT;
        fdp = fdp << NOT_KEPT >> NOT_KEPT;
      }
    } else {
      selectors = fip >>> 32 & 0xFFFF | (fdp >>> 32 & 0xFFFF) << 16;
      fip &= 0xFFFF_FFFFL;
      fdp &= 0xFFFF_FFFFL;
    }
    State.set(s, State.FIP, fip);
    State.set(s, State.FDP, fdp);
    State.set(s, State.FCS_FDS, selectors);
    int top = (int) State.get(s, State.FSW) >> FSW_TOP_SHIFT;
    for (int n = 0; n < 8; n++) {
      long from = image + ST + 16L * n;
      long to = State.st(s, top + n & 7);
      Mem.putLong(to, Mem.getLong(from));
      Mem.putLong(to + 8, Mem.getShort(from + 8) & 0xFFFFL);
    }
    X87Status.updateSummary(s);
  }

  static void saveMxcsr(long s) {
    Mem.putInt(s + State.IMAGE + MXCSR, (int) State.get(s, State.MXCSR));
    Mem.putInt(s + State.IMAGE + MXCSR + 4, XsaveComponents.MXCSR_MASK);
  }

  static void saveXmm(long s, Insn i) {
    for (int n = 0; n < registers(i); n++) {
      Mem.copy(State.vector(s, n), s + State.IMAGE + XMM + 16L * n, 16);
    }
  }

  static void loadXmm(long s, Insn i) {
    for (int n = 0; n < registers(i); n++) {
      Mem.copy(s + State.IMAGE + XMM + 16L * n, State.vector(s, n), 16);
    }
  }
}
