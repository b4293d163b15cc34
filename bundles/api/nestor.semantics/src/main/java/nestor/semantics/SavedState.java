// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.RowAttribute;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** FXSAVE, FXRSTOR, LDMXCSR and STMXCSR, and the way to {@link Xsave} and {@link Xrstor}. */
final class SavedState {
  private static final long CR0_EM_TS = 0xC;
  private static final long CR0_TS = 8;
  private static final long CR4_OSFXSR = 1 << 9;
  private static final long CR4_OSXSAVE = 1 << 18;
  private static final long EFER_FFXSR = 1 << 14;

  private SavedState() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case FXSAVE -> {
        deviceAvailable(v, CR0_EM_TS);
        fxsave(v, i);
      }
      case FXRSTOR -> {
        deviceAvailable(v, CR0_EM_TS);
        fxrstor(v, i);
        NumericErrors.cleared(v);
      }
      case LDMXCSR, VLDMXCSR -> {
        Availability.vector(v, i);
        State.set(v.state, State.MXCSR, mxcsr(v, (int) Operands.read(v, i, 0)));
      }
      case STMXCSR, VSTMXCSR -> {
        Availability.vector(v, i);
        Operands.write(v, i, 0, State.get(v.state, State.MXCSR));
      }
      case XSAVE, XSAVEOPT, XSAVEC, XSAVES -> {
        xsaveAvailable(v);
        askHypervisor(v, i);
        Xsave.execute(v, i);
      }
      case XRSTOR, XRSTORS -> {
        xsaveAvailable(v);
        askHypervisor(v, i);
        Xrstor.execute(v, i);
        NumericErrors.cleared(v);
      }
      default -> throw v.undefined();
    }
  }

  /** XSAVES and XRSTORS may leave guest mode, once their privilege is right. */
  private static void askHypervisor(Vcpu v, Insn i) {
    if ((i.row.interceptMask & v.intercepts.instructions) != 0) {
      if (State.cpl(v.state) != 0) {
        throw v.protection();
      }
      v.virtualization.instruction(i);
    }
  }

  private static void deviceAvailable(Vcpu v, long bits) {
    if ((State.get(v.state, State.CR0) & bits) != 0) {
      throw v.fault(GuestFault.NM, 0);
    }
  }

  private static void xsaveAvailable(Vcpu v) {
    if ((State.get(v.state, State.CR4) & CR4_OSXSAVE) == 0) {
      throw v.undefined();
    }
    deviceAvailable(v, CR0_TS);
  }

  /** Privilege, then the exit from a virtual machine, of XSAVES and XRSTORS. */
  static void checkSupervisor(Vcpu v, Insn i) {
    if (i.row.has(RowAttribute.CPL0)) {
      if (State.cpl(v.state) != 0) {
        throw v.protection();
      }
      if ((i.row.interceptMask & v.intercepts.instructions) != 0) {
        v.virtualization.instruction(i);
      }
    }
  }

  /** {@return a value for MXCSR; #GP(0) if it has bits that do not exist} */
  static long mxcsr(Vcpu v, int value) {
    if ((value & ~XsaveComponents.MXCSR_MASK) != 0) {
      throw v.protection();
    }
    return value;
  }

  /**
   * {@return the linear address of the area} Alignment is checked before the segment.
   *
   * @throws GuestFault #GP(0) if it is not a multiple of {@code alignment}
   */
  static long area(Vcpu v, Insn i, int alignment, int bytes, boolean write) {
    long s = v.state;
    boolean flat = State.mode64(s) && i.segment < Segment.FS;
    long base = flat ? 0 : State.base(s, i.segment);
    EffectiveAddress.requireAligned(v, base + EffectiveAddress.of(v, i), alignment);
    return EffectiveAddress.linear(v, i, bytes, write);
  }

  /**
   * Whether FXSAVE and FXRSTOR include XMM registers: not without CR4.OSFXSR, and not in CPL 0 of
   * 64-bit mode with fast save and restore (APM vol. 2, "Extended Feature Enable Register").
   */
  private static boolean withVectors(long s) {
    boolean fast =
        (State.get(s, State.EFER) & EFER_FFXSR) != 0 && State.mode64(s) && State.cpl(s) == 0;
    return (State.get(s, State.CR4) & CR4_OSFXSR) != 0 && !fast;
  }

  private static void fxsave(Vcpu v, Insn i) {
    long s = v.state;
    long linear = area(v, i, 16, XsaveComponents.LEGACY, true);
    LegacyRegion.saveX87(v, i);
    int end = LegacyRegion.XMM;
    LegacyRegion.saveMxcsr(s);
    if (withVectors(s)) {
      LegacyRegion.saveXmm(s, i);
      end = LegacyRegion.xmmEnd(i);
    }
    v.mmu.checkWrite(linear, XsaveComponents.LEGACY);
    GuestMemory.storeBytes(v, linear, s + State.IMAGE, end);
  }

  private static void fxrstor(Vcpu v, Insn i) {
    long s = v.state;
    long linear = area(v, i, 16, XsaveComponents.LEGACY, false);
    GuestMemory.loadBytes(v, linear, s + State.IMAGE, XsaveComponents.LEGACY);
    if ((State.get(s, State.CR4) & CR4_OSFXSR) != 0) {
      long image = s + State.IMAGE + LegacyRegion.MXCSR;
      State.set(s, State.MXCSR, mxcsr(v, Mem.getInt(image)));
    }
    if (withVectors(s)) {
      LegacyRegion.loadXmm(s, i);
    }
    LegacyRegion.loadX87(v, i);
  }
}
