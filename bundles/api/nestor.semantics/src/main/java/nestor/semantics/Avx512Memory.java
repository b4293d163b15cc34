// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Gathers and scatters under an opmask (SDM vol. 2, "VPGATHERDD", "VPSCATTERDD"): elements from low
 * to high; each done clears its mask bit, so that the instruction can continue after a fault.
 */
final class Avx512Memory {
  private Avx512Memory() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    int indexSize =
        switch (i.row.mnemonic) {
          case VPGATHERDD,
              VPGATHERDQ,
              VGATHERDPS,
              VGATHERDPD,
              VPSCATTERDD,
              VPSCATTERDQ,
              VSCATTERDPS,
              VSCATTERDPD ->
              4;
          default -> 8;
        };
    boolean load = i.kind[0] == OperandKind.VECTOR;
    int vector = i.register[load ? 0 : 1];
    if (load && vector == i.index) {
      throw v.undefined();
    }
    long s = v.state;
    int size = i.row.element;
    long elements = State.vector(s, vector);
    long indices = State.vector(s, i.index);
    long start = i.displacement + State.gpr(s, i.base);
    int count = i.vectorLength / Math.max(size, indexSize);
    for (int k = 0; k < count; k++) {
      long lanes = Opmask.get(v, i.opmask);
      if ((lanes >>> k & 1) != 0) {
        long at = indices + (long) k * indexSize;
        long index = indexSize == 4 ? Mem.getInt(at) : Mem.getLong(at);
        long linear = MaskedMemory.element(v, i, start + (index << i.scale), size, !load);
        long element = elements + (long) k * size;
        if (load) {
          Mem.put(element, size, GuestMemory.load(v, linear, size));
          // Unspecified: what a gather that then faults has cleared. As AMD processors do.
          VectorOperands.clearAbove(v, i, 0, i.vectorLength);
        } else {
          GuestMemory.store(v, linear, size, Mem.get(element, size));
        }
        Opmask.set(v, i.opmask, lanes & ~(1L << k));
      }
    }
    Opmask.set(v, i.opmask, 0);
    if (load) {
      VectorOperands.clearAbove(v, i, 0, count * size);
    }
  }
}
