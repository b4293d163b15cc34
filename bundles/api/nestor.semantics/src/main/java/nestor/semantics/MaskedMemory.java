// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.isa.RowAttribute;
import nestor.semantics.simd.Horizontal;
import nestor.semantics.simd.Relocate;
import nestor.semantics.simd.Shuffle;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Memory accesses of which a vector or an opmask chooses the elements. Elements that are not chosen
 * are not accessed and cannot fault; a store that faults has stored nothing.
 */
final class MaskedMemory {
  private static final int RDI = 7;
  private static final long PAGE_OFFSET = 0xFFF;

  private MaskedMemory() {}

  /** MASKMOVQ and MASKMOVDQU: bytes of {@code from} at rDI, where the mask's top bits are set. */
  static void storeBytes(Vcpu v, Insn i, long from, long mask, int bytes) {
    long offset = EffectiveAddress.truncate(State.gpr(v.state, RDI), i.addressSize);
    if (v.amd) {
      // Whether bytes that are not chosen can fault is left to implementations (APM vol. 4,
      // "MASKMOVDQU"): AMD's CPUs check the whole operand.
      probe(v, element(v, i, offset, bytes, true), bytes);
    }
    store(v, i, offset, from, Horizontal.topBits(mask, 1, bytes), 1);
  }

  /** Faults if an operand cannot be written. */
  static void probe(Vcpu v, long linear, int bytes) {
    v.mmu.checkWrite(linear, 1);
    if ((linear & PAGE_OFFSET) + bytes > PAGE_OFFSET + 1) {
      v.mmu.checkWrite(linear + bytes - 1 & ~PAGE_OFFSET, 1);
    }
  }

  /** Faults if an element whose bit is set cannot be written. */
  static void probe(Vcpu v, Insn i, long offset, long lanes, int size) {
    for (int k = 0; k < 64; k++) {
      if ((lanes >>> k & 1) != 0) {
        probe(v, element(v, i, offset + (long) k * size, size, true), size);
      }
    }
  }

  /** Stores the elements of {@code size} bytes whose bit is set, at an offset in the segment. */
  static void store(Vcpu v, Insn i, long offset, long from, long lanes, int size) {
    if (lanes == 0) {
      return;
    }
    int first = Long.numberOfTrailingZeros(lanes);
    int end = 64 - Long.numberOfLeadingZeros(lanes);
    long start = element(v, i, offset + (long) first * size, size, true);
    if ((start & PAGE_OFFSET) + (long) (end - first) * size > PAGE_OFFSET + 1) {
      probe(v, i, offset, lanes, size);
    }
    for (int k = first; k < end; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = (long) k * size;
        long linear = element(v, i, offset + at, size, true);
        GuestMemory.store(v, linear, size, Mem.get(from + at, size));
      }
    }
  }

  /** Loads the elements whose bit is set to {@code t}, and zeros for the others. */
  static void load(Vcpu v, Insn i, long t, long lanes, int size, int count) {
    long offset = EffectiveAddress.of(v, i);
    for (int k = 0; k < count; k++) {
      long at = (long) k * size;
      long value = 0;
      if ((lanes >>> k & 1) != 0) {
        value = GuestMemory.load(v, element(v, i, offset + at, size, false), size);
      }
      Mem.put(t + at, size, value);
    }
  }

  /** {@return the lowest {@code count} bits, 1 to 64} */
  static long low(int count) {
    return -1L >>> (64 - count);
  }

  /**
   * Loads the memory operand {@code n} of an EVEX instruction to {@code t}: one element everywhere
   * for an embedded broadcast, and nothing that the opmask leaves out.
   */
  static void loadOperand(Vcpu v, Insn i, int n, long t) {
    int width = i.width[n];
    boolean whole = i.opmask == 0 || i.row.has(RowAttribute.WHOLE);
    int full = i.kind[0] == OperandKind.VECTOR ? i.width[0] : i.evexB ? i.vectorLength : width;
    int count = whole ? 1 : full / i.row.element;
    long lanes = whole ? 1 : Opmask.lanes(v, i) & low(count);
    if (lanes != 0) {
      VectorOperands.requireAligned(v, i, width);
    }
    if (i.evexB) {
      long value = 0;
      if (lanes != 0) {
        value = GuestMemory.load(v, EffectiveAddress.linear(v, i, width, false), width);
      }
      Shuffle.broadcast(t, value, width, i.vectorLength);
    } else if (lanes == low(count)) {
      GuestMemory.loadBytes(v, EffectiveAddress.linear(v, i, width, false), t, width);
    } else {
      load(v, i, t, lanes, width / count, count);
    }
  }

  static long element(Vcpu v, Insn i, long offset, int size, boolean write) {
    return EffectiveAddress.linear(
        v, i.segment, EffectiveAddress.truncate(offset, i.addressSize), size, write);
  }

  /**
   * Gathers (SDM vol. 2, "VPGATHERDD"): elements from low to high; each done clears its mask
   * element, so that the instruction can continue after a fault.
   *
   * @param indexSize bytes of an index
   * @param size bytes of an element
   */
  static void gather(Vcpu v, Insn i, int indexSize, int size) {
    long s = v.state;
    int target = i.register[0];
    int masks = i.register[2];
    if (target == masks || target == i.index || masks == i.index) {
      throw v.undefined();
    }
    long t = State.vector(s, target);
    long mask = State.vector(s, masks);
    long indices = State.vector(s, i.index);
    int count = i.width[0] / size;
    long start = i.displacement + State.gpr(s, i.base);
    if (!v.amd) {
      // SDM: the mask elements become all ones or zeros first. AMD processors do it one by one.
      long bits = Horizontal.topBits(mask, size, count * size);
      Relocate.spread(mask, bits, size, count * size);
    }
    for (int k = 0; k < count; k++) {
      long choice = mask + (long) k * size;
      if (Mem.getByte(choice + size - 1) >= 0) {
        Mem.put(choice, size, 0);
      } else {
        long at = indices + (long) k * indexSize;
        long index = indexSize == 4 ? Mem.getInt(at) : Mem.getLong(at);
        long linear = element(v, i, start + (index << i.scale), size, false);
        Mem.put(t + (long) k * size, size, GuestMemory.load(v, linear, size));
        Mem.put(choice, size, 0);
      }
    }
    Mem.fill(mask, 64, (byte) 0);
    VectorOperands.clearAbove(v, i, 0, i.width[0]);
  }
}
