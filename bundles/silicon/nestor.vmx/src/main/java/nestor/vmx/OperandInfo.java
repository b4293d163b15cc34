// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.isa.Insn;
import nestor.vcpu.State;

/**
 * The words of an exit about an instruction's operands (SDM vol. 3C, "Information for VM Exits Due
 * to Instruction Execution").
 */
final class OperandInfo {
  private OperandInfo() {}

  private static final int REGISTER = 1 << 10;
  private static final int NO_INDEX = 1 << 22;
  private static final int NO_BASE = 1 << 27;

  /** {@return scale, address size, segment, index and base of the memory operand} */
  static int memory(Insn i) {
    int info = i.scale | addressSize(i) | i.segment << 15;
    info |= i.index == Insn.NO_REGISTER ? NO_INDEX : i.index << 18;
    boolean noBase = i.base == Insn.NO_REGISTER || i.base == Insn.RIP;
    return info | (noBase ? NO_BASE : i.base << 23);
  }

  private static int addressSize(Insn i) {
    return Integer.numberOfTrailingZeros(i.addressSize) - 1 << 7;
  }

  /** {@return the displacement of the memory operand: the exit qualification} */
  static long displacement(Vmx x, Insn i) {
    long displacement = i.memoryOperand() < 0 ? 0 : i.displacement;
    return i.base == Insn.RIP ? displacement + x.state(State.NEXT_RIP) : displacement;
  }

  /** {@return the word of VMREAD and VMWRITE} */
  static int vmcsAccess(Insn i, int fieldOperand, int otherOperand) {
    int field = i.register[fieldOperand] << 28;
    return i.memoryOperand() >= 0
        ? memory(i) | field
        : REGISTER | i.register[otherOperand] << 3 | field;
  }

  /** {@return the word of INVEPT, INVVPID and INVPCID} */
  static int invalidation(Insn i) {
    return memory(i) | i.register[0] << 28;
  }

  /** {@return the word of RDRAND and RDSEED} */
  static int random(Insn i) {
    return i.register[0] << 3 | Integer.numberOfTrailingZeros(i.operandSize) - 1 << 11;
  }

  /** {@return the word of LGDT and its kin} */
  static int tables(Insn i, int which) {
    return memory(i) | (i.operandSize >= 4 ? 1 << 11 : 0) | which << 28;
  }

  /** {@return the word of LLDT and its kin} */
  static int selectors(Insn i, int which) {
    int operand = i.memoryOperand() >= 0 ? memory(i) : REGISTER | i.register[0] << 3;
    return operand | which << 28;
  }

  /** {@return the word of INS and OUTS} */
  static int string(Insn i, boolean output) {
    return addressSize(i) | (output ? i.segment << 15 : 0);
  }
}
