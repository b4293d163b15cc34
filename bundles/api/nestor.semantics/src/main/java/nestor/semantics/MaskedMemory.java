// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Memory accesses of which a vector chooses the elements. Elements that are not chosen are not
 * accessed and cannot fault; a store that faults has stored nothing.
 */
final class MaskedMemory {
  private static final int RDI = 7;
  private static final long PAGE_OFFSET = 0xFFF;

  private MaskedMemory() {}

  /** MASKMOVQ and MASKMOVDQU: bytes of {@code from} at rDI, where the mask's top bits are set. */
  static void storeBytes(Vcpu v, Insn i, long from, long mask, int bytes) {
    long offset = EffectiveAddress.truncate(State.gpr(v.state, RDI), i.addressSize);
    store(v, i, offset, from, mask, 1, bytes);
  }

  /** Stores the chosen elements of {@code size} bytes at an offset of the instruction's segment. */
  static void store(Vcpu v, Insn i, long offset, long from, long mask, int size, int bytes) {
    int first = 0;
    while (first < bytes && Mem.getByte(mask + first + size - 1) >= 0) {
      first += size;
    }
    if (first == bytes) {
      return;
    }
    long start = element(v, i, offset + first, size, true);
    if ((start & PAGE_OFFSET) + bytes - first > PAGE_OFFSET + 1) {
      for (int k = first; k < bytes; k += size) {
        if (Mem.getByte(mask + k + size - 1) < 0) {
          v.mmu.checkWrite(element(v, i, offset + k, size, true), size);
        }
      }
    }
    for (int k = first; k < bytes; k += size) {
      if (Mem.getByte(mask + k + size - 1) < 0) {
        long linear = element(v, i, offset + k, size, true);
        GuestMemory.store(v, linear, size, Mem.get(from + k, size));
      }
    }
  }

  /** Loads the chosen elements to {@code t}, and zeros for the others. */
  static void load(Vcpu v, Insn i, long t, long mask, int size, int bytes) {
    long offset = EffectiveAddress.of(v, i);
    for (int k = 0; k < bytes; k += size) {
      long value = 0;
      if (Mem.getByte(mask + k + size - 1) < 0) {
        value = GuestMemory.load(v, element(v, i, offset + k, size, false), size);
      }
      Mem.put(t + k, size, value);
    }
  }

  private static long element(Vcpu v, Insn i, long offset, int size, boolean write) {
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
    for (int k = 0; k < count; k++) {
      long choice = mask + (long) k * size;
      if (Mem.getByte(choice + size - 1) < 0) {
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
