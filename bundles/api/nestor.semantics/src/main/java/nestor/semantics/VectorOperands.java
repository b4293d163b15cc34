// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.isa.Row;
import nestor.isa.RowAttribute;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Vector operands as host addresses: registers in place, memory through the scratch vectors of the
 * state block.
 */
final class VectorOperands {
  private static final int REGISTER_BYTES = 64;

  private VectorOperands() {}

  /**
   * {@return the host address of operand {@code n}'s bytes} A register's own address, or scratch
   * vector {@code n & 3} after a load. Legacy forms of 16 bytes check alignment where the row says.
   */
  static long source(Vcpu v, Insn i, int n) {
    long s = v.state;
    switch (i.kind[n]) {
      case VECTOR -> {
        return State.vector(s, i.register[n]);
      }
      case MMX -> {
        return State.st(s, i.register[n]);
      }
      case MEMORY -> {
        int width = i.width[n];
        long linear = EffectiveAddress.linear(v, i, width, false);
        if (i.row.has(RowAttribute.ALIGNED)) {
          EffectiveAddress.requireAligned(v, linear, width);
        }
        long scratch = State.scratch(s, n & 3);
        GuestMemory.loadBytes(v, linear, scratch, width);
        return scratch;
      }
      default -> throw new IllegalStateException(i.kind[n] + " is no vector operand: " + i);
    }
  }

  /**
   * Stores {@code width[n]} bytes to a memory operand, or writes a register as the encoding does.
   */
  static void write(Vcpu v, Insn i, int n, long from) {
    int width = i.width[n];
    if (i.kind[n] == OperandKind.MEMORY) {
      long linear = EffectiveAddress.linear(v, i, width, true);
      if (i.row.has(RowAttribute.ALIGNED)) {
        EffectiveAddress.requireAligned(v, linear, width);
      }
      GuestMemory.storeBytes(v, linear, from, width);
      return;
    }
    if (i.kind[n] == OperandKind.MMX) {
      Mem.putLong(State.st(v.state, i.register[n]), Mem.getLong(from));
      return;
    }
    long target = State.vector(v.state, i.register[n]);
    if (from != target) {
      Mem.copy(from, target, width);
    }
    clearAbove(v, i, n, width);
  }

  /** Clears a destination register above {@code bytes}, if the encoding is VEX or EVEX. */
  static void clearAbove(Vcpu v, Insn i, int n, int bytes) {
    if (i.row.space != Row.Space.LEGACY && bytes < REGISTER_BYTES) {
      Mem.fill(State.vector(v.state, i.register[n]) + bytes, REGISTER_BYTES - bytes, (byte) 0);
    }
  }
}
