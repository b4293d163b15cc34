// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** x87 instructions: whether they may run, who executes them, and the pointers they leave. */
final class X87 {
  private X87() {}

  static void execute(Vcpu v, Insn i) {
    Availability.x87(v, i.row.mnemonic == Mnemonic.FWAIT);
    if (notWaiting(v, i)) {
      NumericErrors.cleared(v);
      return;
    }
    checkPending(v);
    if (control(v, i)) {
      NumericErrors.cleared(v);
      return;
    }
    compute(v, i);
    notePointers(v, i);
  }

  /** The instructions that do not look for pending exceptions; false if this is none of them. */
  private static boolean notWaiting(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case FNINIT -> X87Control.initialise(s);
      case FNCLEX -> X87Control.clearExceptions(s);
      case FNSTSW -> Operands.write(v, i, 0, State.get(s, State.FSW));
      case FNSTCW -> Operands.write(v, i, 0, State.get(s, State.FCW));
      case FNSTENV -> X87Environment.storeEnvironment(v, i);
      case FNSAVE -> X87Environment.save(v, i);
      case FNENI, FNDISI, FNSETPM -> {} // They have done nothing since the 387.
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The other control instructions, which keep the pointers; false if this is none of them. */
  private static boolean control(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case FWAIT -> {}
      case FLDCW -> X87Control.loadControlWord(v, i);
      case FLDENV -> X87Environment.loadEnvironment(v, i);
      case FRSTOR -> X87Environment.restore(v, i);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void compute(Vcpu v, Insn i) {
    long s = v.state;
    switch (i.row.mnemonic) {
      case FLD -> X87Transfer.load(v, i);
      case FILD -> X87Transfer.loadInteger(v, i);
      case FBLD -> X87Transfer.loadDecimal(v, i);
      case FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ -> X87Transfer.constant(v, i);
      case FST -> X87Transfer.store(v, i, false);
      case FSTP -> X87Transfer.store(v, i, true);
      case FIST -> X87Transfer.storeInteger(v, i, false);
      case FISTP, FISTTP -> X87Transfer.storeInteger(v, i, true);
      case FBSTP -> X87Transfer.storeDecimal(v, i);
      case FXCH -> X87Transfer.exchange(v, i);
      case FCMOVB -> X87Transfer.conditional(v, i, 2);
      case FCMOVNB -> X87Transfer.conditional(v, i, 3);
      case FCMOVE -> X87Transfer.conditional(v, i, 4);
      case FCMOVNE -> X87Transfer.conditional(v, i, 5);
      case FCMOVBE -> X87Transfer.conditional(v, i, 6);
      case FCMOVNBE -> X87Transfer.conditional(v, i, 7);
      case FCMOVU -> X87Transfer.conditional(v, i, 10);
      case FCMOVNU -> X87Transfer.conditional(v, i, 11);
      case FCHS, FABS -> X87Arithmetic.sign(v, i);
      case FSQRT, FRNDINT -> X87Arithmetic.monadic(v, i);
      case FSCALE -> X87Arithmetic.scale(v);
      case FPREM -> X87Arithmetic.remainder(v, false);
      case FPREM1 -> X87Arithmetic.remainder(v, true);
      case FXTRACT -> X87Arithmetic.extract(v);
      case FCOM, FCOMP, FCOMPP, FUCOM, FUCOMP, FUCOMPP, FICOM, FICOMP, FTST ->
          X87Compare.toCodes(v, i);
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> X87Compare.toFlags(v, i);
      case FXAM -> X87Compare.examine(s);
      case FSIN, FCOS, FSINCOS, FPTAN -> X87Transcendental.trigonometric(v, i);
      case F2XM1 -> X87Transcendental.exponential(v);
      case FYL2X, FYL2XP1, FPATAN -> X87Transcendental.dyadic(v, i);
      case FINCSTP -> {
        X87Stack.rotate(s, 1);
        X87Status.setC1(s, false);
      }
      case FDECSTP -> {
        X87Stack.rotate(s, -1);
        X87Status.setC1(s, false);
      }
      case FFREE -> {
        X87Stack.free(s, i.register[0]);
        X87Status.setC1(s, false);
      }
      case FFREEP -> {
        X87Stack.free(s, i.register[0]);
        X87Status.setC1(s, false);
        X87Stack.pop(s);
      }
      case FNOP -> {}
      default -> X87Arithmetic.dyadic(v, i);
    }
  }

  /** Acts on an unmasked exception that waits. */
  static void checkPending(Vcpu v) {
    if ((State.get(v.state, State.FSW) & X87Status.SUMMARY) != 0) {
      NumericErrors.pending(v);
    }
  }

  /**
   * Keeps where this instruction and its operand are (SDM vol. 1, "x87 FPU Instruction and Data
   * (Operand) Pointers"). It has completed: a fault leaves the pointers of the one before.
   *
   * <p>Intel keeps the opcode only of an instruction with an unmasked exception (SDM vol. 1,
   * "Fopcode Compatibility Sub-mode").
   */
  private static void notePointers(Vcpu v, Insn i) {
    long s = v.state;
    if (v.amd || (State.get(s, State.FSW) & X87Status.SUMMARY) != 0) {
      State.set(s, State.FOP, (long) (i.row.opcode & 7) << 8 | i.modrm);
    }
    State.set(s, State.FIP, State.get(s, State.RIP));
    long selectors = State.selector(s, Segment.CS);
    if (i.operandCount == 1 && i.kind[0] == OperandKind.MEMORY) {
      State.set(s, State.FDP, EffectiveAddress.of(v, i));
      selectors |= (long) State.selector(s, i.segment) << 16;
    } else {
      selectors |= State.get(s, State.FCS_FDS) & 0xFFFF_0000L;
    }
    State.set(s, State.FCS_FDS, selectors);
  }
}
