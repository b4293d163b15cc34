// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.semantics.simd.Horizontal;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Opmask registers as AVX-512 instructions use them: which elements, and results of compares. */
final class Opmask {
  private Opmask() {}

  /** {@return an opmask register} */
  static long get(Vcpu v, int number) {
    return State.get(v.state, State.OPMASK + 8 * number);
  }

  /** Writes an opmask register, all 64 bits. */
  static void set(Vcpu v, int number, long value) {
    State.set(v.state, State.OPMASK + 8 * number, value);
  }

  /** {@return a bit for each element to be computed; all are set without a mask} */
  static long lanes(Vcpu v, Insn i) {
    return i.opmask == 0 ? -1 : get(v, i.opmask);
  }

  /**
   * Writes an opmask destination: the top bits of the elements at {@code t}, zero for elements that
   * the instruction's own mask leaves out.
   */
  static void writeTopBits(Vcpu v, Insn i, long t, int size, int bytes) {
    set(v, i.register[0], Horizontal.topBits(t, size, bytes) & lanes(v, i));
  }
}
