// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.semantics.fp.F80;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The images of FSTENV and FSAVE: 14 or 28 bytes of environment, in a protected-mode and a
 * real-address-mode form, then the registers (SDM vol. 1, "x87 FPU State in Memory").
 *
 * <p>The real-mode form has linear addresses in place of selectors and offsets. Reserved halves are
 * stored as ones.
 */
final class X87Environment {
  private static final int REGISTERS = 80;
  private static final int UNUSED = 0xFFFF_0000;

  private X87Environment() {}

  private static int environmentBytes(Insn i) {
    return i.operandSize == 2 ? 14 : 28;
  }

  /** FNSTENV; the exceptions are masked afterwards. */
  static void storeEnvironment(Vcpu v, Insn i) {
    long s = v.state;
    int bytes = environmentBytes(i);
    long linear = EffectiveAddress.linear(v, i, bytes, true);
    putEnvironment(s, i);
    GuestMemory.storeBytes(v, linear, s + State.IMAGE, bytes);
    X87Control.maskAll(s);
  }

  /** FLDENV. */
  static void loadEnvironment(Vcpu v, Insn i) {
    long s = v.state;
    int bytes = environmentBytes(i);
    long linear = EffectiveAddress.linear(v, i, bytes, false);
    GuestMemory.loadBytes(v, linear, s + State.IMAGE, bytes);
    takeEnvironment(s, i);
  }

  /** FNSAVE; the x87 is initialised afterwards. */
  static void save(Vcpu v, Insn i) {
    long s = v.state;
    int bytes = environmentBytes(i);
    long linear = EffectiveAddress.linear(v, i, bytes + REGISTERS, true);
    putEnvironment(s, i);
    for (int n = 0; n < 8; n++) {
      Mem.copy(X87Stack.address(s, n), s + State.IMAGE + bytes + 10L * n, 10);
    }
    GuestMemory.storeBytes(v, linear, s + State.IMAGE, bytes + REGISTERS);
    X87Control.initialise(s);
  }

  /** FRSTOR. */
  static void restore(Vcpu v, Insn i) {
    long s = v.state;
    int bytes = environmentBytes(i);
    long linear = EffectiveAddress.linear(v, i, bytes + REGISTERS, false);
    GuestMemory.loadBytes(v, linear, s + State.IMAGE, bytes + REGISTERS);
    takeEnvironment(s, i);
    for (int n = 0; n < 8; n++) {
      Mem.copy(s + State.IMAGE + bytes + 10L * n, X87Stack.address(s, n), 10);
    }
  }

  private static void putEnvironment(long s, Insn i) {
    long image = s + State.IMAGE;
    int fcw = (int) State.get(s, State.FCW);
    int fsw = (int) State.get(s, State.FSW);
    int ftw = fullTags(s);
    int fop = (int) State.get(s, State.FOP);
    int fip = (int) State.get(s, State.FIP);
    int fdp = (int) State.get(s, State.FDP);
    int fcs = (int) State.get(s, State.FCS_FDS) & 0xFFFF;
    int fds = (int) State.get(s, State.FCS_FDS) >>> 16;
    boolean real = State.realOrVirtual8086(s);
    if (real) {
      fip += fcs << 4;
      fdp += fds << 4;
    }
    if (i.operandSize == 2) {
      Mem.putShort(image, (short) fcw);
      Mem.putShort(image + 2, (short) fsw);
      Mem.putShort(image + 4, (short) ftw);
      Mem.putShort(image + 6, (short) fip);
      Mem.putShort(image + 8, (short) (real ? fip >>> 4 & 0xF000 | fop : fcs));
      Mem.putShort(image + 10, (short) fdp);
      Mem.putShort(image + 12, (short) (real ? fdp >>> 4 & 0xF000 : fds));
      return;
    }
    Mem.putInt(image, UNUSED | fcw);
    Mem.putInt(image + 4, UNUSED | fsw);
    Mem.putInt(image + 8, UNUSED | ftw);
    if (real) {
      Mem.putInt(image + 12, UNUSED | fip & 0xFFFF);
      Mem.putInt(image + 16, fip >>> 16 << 12 | fop);
      Mem.putInt(image + 20, UNUSED | fdp & 0xFFFF);
      Mem.putInt(image + 24, fdp >>> 16 << 12);
    } else {
      Mem.putInt(image + 12, fip);
      Mem.putInt(image + 16, fop << 16 | fcs);
      Mem.putInt(image + 20, fdp);
      Mem.putInt(image + 24, UNUSED | fds);
    }
  }

  private static void takeEnvironment(long s, Insn i) {
    long image = s + State.IMAGE;
    boolean narrow = i.operandSize == 2;
    int step = narrow ? 2 : 4;
    int fcw = Mem.getShort(image);
    int fsw = Mem.getShort(image + step) & 0xFFFF;
    int ftw = Mem.getShort(image + 2L * step) & 0xFFFF;
    long ip = Mem.get(image + 3L * step, step);
    long ipHigh = Mem.get(image + 4L * step, step);
    long dp = Mem.get(image + 5L * step, step);
    long dpHigh = Mem.get(image + 6L * step, step);
    long selectors = 0;
    if (State.realOrVirtual8086(s)) {
      State.set(s, State.FOP, ipHigh & 0x7FF);
      ip = ip & 0xFFFF | ipHigh >>> 12 << 16;
      dp = dp & 0xFFFF | dpHigh >>> 12 << 16;
    } else {
      if (!narrow) {
        State.set(s, State.FOP, ipHigh >>> 16 & 0x7FF);
      }
      selectors = ipHigh & 0xFFFF | (dpHigh & 0xFFFF) << 16;
    }
    State.set(s, State.FCW, X87Control.controlWord(fcw));
    State.set(s, State.FSW, fsw);
    int abridged = 0;
    for (int n = 0; n < 8; n++) {
      abridged |= (ftw >> 2 * n & 3) != 3 ? 1 << n : 0;
    }
    State.set(s, State.FTW, abridged);
    State.set(s, State.FIP, ip);
    State.set(s, State.FDP, dp);
    State.set(s, State.FCS_FDS, selectors);
    X87Status.updateSummary(s);
  }

  /** {@return the tag word of two bits a register: valid, zero, special, empty} */
  private static int fullTags(long s) {
    int tags = 0;
    for (int n = 0; n < 8; n++) {
      tags |= tag(s, n) << 2 * n;
    }
    return tags;
  }

  private static int tag(long s, int physical) {
    if ((State.get(s, State.FTW) >>> physical & 1) == 0) {
      return 3;
    }
    long a = State.st(s, physical);
    long sig = X87Stack.significand(a);
    int exponent = X87Stack.signExponent(a) & 0x7FFF;
    if (exponent == 0 && sig == 0) {
      return 1;
    }
    return exponent == 0 || exponent == 0x7FFF || F80.isUnsupported(sig, exponent) ? 2 : 0;
  }
}
