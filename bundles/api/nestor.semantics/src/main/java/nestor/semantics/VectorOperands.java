// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.isa.Row;
import nestor.isa.RowAttribute;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
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
        long scratch = State.scratch(s, n & 3);
        if (i.row.space == Row.Space.EVEX && (i.opmask != 0 || i.evexB)) {
          MaskedMemory.loadOperand(v, i, n, scratch);
        } else {
          GuestMemory.loadBytes(v, linear(v, i, width, false), scratch, width);
        }
        return scratch;
      }
      default -> throw new IllegalStateException(i.kind[n] + " is no vector operand: " + i);
    }
  }

  private static long linear(Vcpu v, Insn i, int width, boolean write) {
    requireAligned(v, i, width);
    return EffectiveAddress.linear(v, i, width, write);
  }

  /**
   * An operand that must be aligned raises #GP(0) before its segment or canonical checks, but not
   * if an opmask leaves all of it out.
   */
  static void requireAligned(Vcpu v, Insn i, int width) {
    if (i.row.has(RowAttribute.ALIGNED)) {
      long s = v.state;
      boolean flat = State.mode64(s) && i.segment < Segment.FS;
      long base = flat ? 0 : State.base(s, i.segment);
      EffectiveAddress.requireAligned(v, base + EffectiveAddress.of(v, i), width);
    }
  }

  /**
   * Stores {@code width[n]} bytes to a memory operand, or writes a register as the encoding does.
   */
  static void write(Vcpu v, Insn i, int n, long from) {
    int width = i.width[n];
    if (i.kind[n] == OperandKind.MEMORY) {
      long linear = linear(v, i, width, true);
      GuestMemory.storeBytes(v, linear, from, width);
      return;
    }
    if (i.kind[n] == OperandKind.MMX) {
      Mem.putLong(State.st(v.state, i.register[n]), Mem.getLong(from));
      return;
    }
    long target = State.vector(v.state, i.register[n]);
    if (width < 8) {
      Mem.put(target, width, Mem.get(from, width));
    } else if (from != target) {
      for (int k = 0; k < width; k += 8) {
        Mem.putLong(target + k, Mem.getLong(from + k));
      }
    }
    clearAbove(v, i, n, width);
  }

  /**
   * Writes a destination register or memory from {@code t}, element by element as the opmask says:
   * elements of {@code size} bytes that it leaves out stay or, with zeroing, become zeros.
   */
  static void write(Vcpu v, Insn i, long t, int size) {
    if (i.opmask != 0) {
      merge(v, i, t, size);
    } else {
      write(v, i, 0, t);
    }
  }

  /** Faults if a memory destination cannot be written as {@link #write(Vcpu, Insn, long, int)}. */
  static void probe(Vcpu v, Insn i, int size) {
    int width = i.width[0];
    if (i.opmask == 0) {
      MaskedMemory.probe(v, linear(v, i, width, true), width);
    } else {
      long chosen = Opmask.lanes(v, i) & MaskedMemory.low(width / size);
      MaskedMemory.probe(v, i, EffectiveAddress.of(v, i), chosen, size);
    }
  }

  private static void merge(Vcpu v, Insn i, long t, int size) {
    long lanes = Opmask.lanes(v, i);
    int width = i.width[0];
    if (i.kind[0] == OperandKind.MEMORY) {
      long chosen = lanes & MaskedMemory.low(width / size);
      if (i.row.has(RowAttribute.WHOLE)) {
        MaskedMemory.probe(v, linear(v, i, width, true), width);
      } else if (chosen != 0) {
        requireAligned(v, i, width);
      }
      MaskedMemory.store(v, i, EffectiveAddress.of(v, i), t, chosen, size);
      return;
    }
    long target = State.vector(v.state, i.register[0]);
    for (int k = 0; k < width / size; k++) {
      long at = (long) k * size;
      if ((lanes >>> k & 1) != 0) {
        Mem.put(target + at, size, Mem.get(t + at, size));
      } else if (i.zeroing) {
        Mem.put(target + at, size, 0);
      }
    }
    clearAbove(v, i, 0, width);
  }

  /**
   * Writes a scalar result. Legacy forms keep the rest of the register; the others take the rest of
   * 128 bits from {@code rest}. If it is not {@code chosen} by the opmask the element stays or,
   * with zeroing, becomes zero.
   */
  static void writeScalar(Vcpu v, Insn i, long rest, long value, int size, boolean chosen) {
    long target = State.vector(v.state, i.register[0]);
    if (i.row.space == Row.Space.LEGACY) {
      Mem.put(target, size, value);
      return;
    }
    long element = chosen ? value : i.zeroing ? 0 : Mem.get(target, size);
    long above = size == 4 ? Mem.getLong(rest) & 0xFFFF_FFFF_0000_0000L : 0;
    long high = Mem.getLong(rest + 8);
    Mem.putLong(target, element | above);
    Mem.putLong(target + 8, high);
    clearAbove(v, i, 0, 16);
  }

  /** Clears a destination register above {@code bytes}, if the encoding is VEX or EVEX. */
  static void clearAbove(Vcpu v, Insn i, int n, int bytes) {
    if (i.row.space != Row.Space.LEGACY) {
      long target = State.vector(v.state, i.register[n]);
      int k = bytes;
      for (; (k & 7) != 0; k += 2) { // some conversions give two or four bytes
        Mem.putShort(target + k, (short) 0);
      }
      for (; k < REGISTER_BYTES; k += 8) {
        Mem.putLong(target + k, 0);
      }
    }
  }
}
