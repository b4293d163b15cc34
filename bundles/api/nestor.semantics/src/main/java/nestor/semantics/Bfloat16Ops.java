// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.semantics.fp.Bf16;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** AVX512_BF16. */
final class Bfloat16Ops {
  private Bfloat16Ops() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    int last = VectorForm.last(i);
    long b = VectorOperands.source(v, i, last);
    long a = VectorForm.first(v, i, last);
    long t = VectorForm.result(v);
    int length = i.vectorLength;
    switch (i.row.mnemonic) {
      case VCVTNEPS2BF16 -> narrow(t, b, length);
      case VCVTNE2PS2BF16 -> {
        narrow(t, b, length);
        narrow(t + length / 2, a, length);
      }
      default -> dot(v, i, t, a, b);
    }
    VectorOperands.write(v, i, t, i.row.element);
  }

  private static void narrow(long t, long b, int bytes) {
    for (int k = 0; k < bytes; k += 4) {
      Mem.putShort(t + k / 2, (short) Bf16.fromF32(Mem.getInt(b + k)));
    }
  }

  private static void dot(Vcpu v, Insn i, long t, long a, long b) {
    long d = State.vector(v.state, i.register[0]);
    FpFlags f = SimdExceptions.begin(v);
    for (int k = 0; k < i.width[0]; k += 4) {
      int sum = Mem.getInt(d + k);
      Mem.putInt(t + k, Bf16.dot(sum, Mem.getInt(a + k), Mem.getInt(b + k), f));
    }
  }
}
