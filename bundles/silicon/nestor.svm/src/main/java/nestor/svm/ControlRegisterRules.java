// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.Operands;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/** Guest accesses to control and debug registers (APM vol. 2, "Instruction Intercepts"). */
final class ControlRegisterRules {
  private static final long MOVE = 1L << 63;
  private static final long DE = 1 << 3;

  /** Bits of CR0 that the selective intercept lets change: TS and MP. */
  private static final long NOT_SELECTIVE = 0xA;

  /** What LMSW writes: PE, MP, EM and TS. */
  private static final long STATUS_WORD = 15;

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
    int width = i.mode == 64 ? 8 : 4;
    return store ? read(number, gpr, width) : write(number, gpr, width);
  }

  private boolean read(int number, int gpr, int width) {
    if (intercepts(INTERCEPT_CR, number, false)) {
      throw exit(ExitCode.CR0_READ + number, gpr);
    }
    return number == 8 && taskPriority(true, gpr, width);
  }

  /** Exceptions that need no look into memory come before the intercepts; traps come after all. */
  private boolean write(int number, int gpr, int width) {
    long value = State.gpr(x.s, gpr, width);
    boolean intercepted = intercepts(INTERCEPT_CR, number, true);
    if (intercepted || number == 0 && isSelected(value)) {
      x.v.core.checkControl(number, value);
      throw exit(intercepted ? ExitCode.CR0_WRITE + number : ExitCode.CR0_SEL_WRITE, gpr);
    }
    boolean done = number == 8 && taskPriority(false, gpr, width);
    return x.trapsControl(number) ? trap(number, value, done) : done;
  }

  private boolean isSelected(long value) {
    long changed = value ^ x.state(State.CR0);
    return x.third(Vectors.Third.CR0_SEL_WRITE) && (changed & ~NOT_SELECTIVE & ~Svm.CR0_ET) != 0;
  }

  /** Writes the register, if that is not done yet; the exit follows at the boundary. */
  private boolean trap(int number, long value, boolean done) {
    if (!done) {
      x.v.core.writeControl(number, value);
    }
    x.trap(ExitCode.CR0_WRITE_TRAP + number, value);
    return true;
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
  boolean clearTaskSwitched() {
    if (intercepts(INTERCEPT_CR, 0, true)) {
      throw x.instructionExit(ExitCode.CR0_WRITE);
    }
    return x.trapsControl(0) && trap(0, x.state(State.CR0) & ~Svm.CR0_TS, false);
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
  boolean loadStatusWord(Insn i) {
    if (intercepts(INTERCEPT_CR, 0, true)) {
      throw x.instructionExit(ExitCode.CR0_WRITE);
    }
    if (x.third(Vectors.Third.CR0_SEL_WRITE)) {
      throw x.instructionExit(ExitCode.CR0_SEL_WRITE);
    }
    if (!x.trapsControl(0)) {
      return false;
    }
    long word = Operands.read(x.v, i, 0) & STATUS_WORD;
    long kept = x.state(State.CR0) & ~(STATUS_WORD & ~Svm.CR0_PE); // PE can only be set
    return trap(0, kept | word, false);
  }
}
