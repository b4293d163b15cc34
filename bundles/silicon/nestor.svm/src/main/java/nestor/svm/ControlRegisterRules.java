// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/** Guest accesses to control and debug registers (APM vol. 2, "Instruction Intercepts"). */
final class ControlRegisterRules {
  private static final long MOVE = 1L << 63;
  private static final long DE = 1 << 3;

  /** Bits of CR0 that the selective intercept lets change: TS and MP. */
  private static final long NOT_SELECTIVE = 0xA;

  private final Svm x;

  ControlRegisterRules(Svm x) {
    this.x = x;
  }

  private boolean intercepts(VmcbField field, int number, boolean write) {
    return (x.get(field) >>> number + (write ? 16 : 0) & 1) != 0;
  }

  /** MOV to or from a control or debug register. */
  boolean move(Insn i) {
    boolean store = i.kind[0] != OperandKind.CONTROL && i.kind[0] != OperandKind.DEBUG;
    boolean debug = i.kind[store ? 1 : 0] == OperandKind.DEBUG;
    int number = i.has(Insn.LOCK) ? 8 : i.register[store ? 1 : 0];
    int gpr = i.register[store ? 0 : 1];
    if (debug) {
      debug(number, gpr, !store);
      return false;
    }
    if (number > 4 && number != 8 || number == 1) {
      throw x.v.undefined();
    }
    if (intercepts(INTERCEPT_CR, number, !store)) {
      throw exit((store ? ExitCode.CR0_READ : ExitCode.CR0_WRITE) + number, gpr);
    }
    int width = i.mode == 64 ? 8 : 4;
    if (number == 0 && !store && x.third(Vectors.Third.CR0_SEL_WRITE)) {
      long value = State.gpr(x.s, gpr, width);
      if (((value ^ x.state(State.CR0)) & ~NOT_SELECTIVE & ~Svm.CR0_ET) != 0) {
        throw exit(ExitCode.CR0_SEL_WRITE, gpr);
      }
    }
    return number == 8 && taskPriority(store, gpr, width);
  }

  /** With V_INTR_MASKING CR8 is V_TPR; without, writes go to both. */
  private boolean taskPriority(boolean store, int gpr, int width) {
    boolean virtual = x.control(Svm.V_INTR_MASKING);
    if (store) {
      if (virtual) {
        State.setGpr(x.s, gpr, width, x.get(INTERRUPT_CONTROL) & 15);
      }
      return virtual;
    }
    long value = State.gpr(x.s, gpr, width);
    if (value >>> 4 != 0) {
      throw x.v.protection();
    }
    x.put(INTERRUPT_CONTROL, x.get(INTERRUPT_CONTROL) & ~Svm.V_TPR | value);
    x.v.attention(State.ATTENTION_EVENT);
    return virtual;
  }

  private VmExit exit(int code, int gpr) {
    VmExit exit = x.instructionExit(code);
    if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
      exit.qualification = MOVE | gpr;
    }
    return exit;
  }

  private void debug(int register, int gpr, boolean write) {
    int number = register;
    if (number == 4 || number == 5) {
      if ((x.state(State.CR4) & DE) != 0) {
        throw x.v.undefined();
      }
    } else if (number > 7) {
      throw x.v.undefined();
    }
    if (intercepts(INTERCEPT_DR, number, write)) {
      VmExit exit = x.instructionExit((write ? ExitCode.DR0_WRITE : ExitCode.DR0_READ) + number);
      if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
        exit.qualification = gpr;
      }
      throw exit;
    }
  }

  /** CLTS: a write of CR0 that the selective intercept lets through. */
  void clearTaskSwitched() {
    if (intercepts(INTERCEPT_CR, 0, true)) {
      throw x.instructionExit(ExitCode.CR0_WRITE);
    }
  }

  /** SMSW. */
  void storeStatusWord() {
    if (intercepts(INTERCEPT_CR, 0, false)) {
      throw x.instructionExit(ExitCode.CR0_READ);
    }
  }

  /**
   * LMSW, for which the selective intercept is not selective: it counts whatever is written (APM
   * vol. 2, "Instruction Intercepts").
   */
  void loadStatusWord() {
    if (intercepts(INTERCEPT_CR, 0, true)) {
      throw x.instructionExit(ExitCode.CR0_WRITE);
    }
    if (x.third(Vectors.Third.CR0_SEL_WRITE)) {
      throw x.instructionExit(ExitCode.CR0_SEL_WRITE);
    }
  }
}
