// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Reads and writes the scalar operands of decoded instructions. */
public final class Operands {
  private Operands() {}

  /** {@return operand {@code n}, zero-extended; immediates as the decoder extended them} */
  public static long read(Vcpu v, Insn i, int n) {
    int width = i.width[n];
    return switch (i.kind[n]) {
      case GPR -> State.gpr(v.state, i.register[n], width);
      case GPR_HIGH -> State.gprHigh(v.state, i.register[n]);
      case MEMORY -> GuestMemory.load(v, EffectiveAddress.linear(v, i, width, false), width);
      case IMMEDIATE -> i.imm;
      case IMMEDIATE2 -> i.imm2;
      case RELATIVE -> i.imm;
      case SEGMENT -> State.selector(v.state, i.register[n]);
      default -> throw new IllegalStateException(i.kind[n] + " is no scalar operand: " + i);
    };
  }

  /** {@return operand {@code n}, sign-extended from its width} */
  public static long readSigned(Vcpu v, Insn i, int n) {
    return signed(read(v, i, n), i.width[n]);
  }

  /** {@return operand {@code n}, which the instruction will write: faults as a write does} */
  public static long readForWrite(Vcpu v, Insn i, int n) {
    if (i.kind[n] == nestor.isa.OperandKind.MEMORY) {
      int width = i.width[n];
      return GuestMemory.loadForWrite(v, EffectiveAddress.linear(v, i, width, true), width);
    }
    return read(v, i, n);
  }

  /** Writes operand {@code n}; a 32-bit register write clears the upper half. */
  public static void write(Vcpu v, Insn i, int n, long value) {
    int width = i.width[n];
    switch (i.kind[n]) {
      case GPR -> State.setGpr(v.state, i.register[n], width, value);
      case GPR_HIGH -> State.setGprHigh(v.state, i.register[n], value);
      case MEMORY ->
          GuestMemory.storeBack(v, EffectiveAddress.linear(v, i, width, true), width, value);
      default -> throw new IllegalStateException(i.kind[n] + " cannot be written: " + i);
    }
  }

  /** {@return a value sign-extended from {@code width} bytes} */
  public static long signed(long value, int width) {
    return switch (width) {
      case 1 -> (byte) value;
      case 2 -> (short) value;
      case 4 -> (int) value;
      default -> value;
    };
  }

  /** {@return a value cut to {@code width} bytes} */
  public static long unsigned(long value, int width) {
    return switch (width) {
      case 1 -> value & 0xFF;
      case 2 -> value & 0xFFFF;
      case 4 -> value & 0xFFFF_FFFFL;
      default -> value;
    };
  }
}
