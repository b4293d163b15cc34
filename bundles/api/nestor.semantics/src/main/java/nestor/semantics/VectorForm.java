// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * What legacy and VEX forms of one operation have in common: a first source, which is the
 * destination of a legacy form, and a last one.
 */
final class VectorForm {
  private VectorForm() {}

  /** {@return the number of the last operand that is no immediate} */
  static int last(Insn i) {
    int n = i.operandCount - 1;
    return i.kind[n] == OperandKind.IMMEDIATE ? n - 1 : n;
  }

  /** {@return the host address of the first source, always a register} */
  static long first(Vcpu v, Insn i, int last) {
    return VectorOperands.source(v, i, last == 2 ? 1 : 0);
  }

  /**
   * {@return where an operation whose elements do not depend on each other makes its result} The
   * destination itself, or scratch if an opmask decides what of it is kept. {@link #finish}
   * follows.
   */
  static long target(Vcpu v, Insn i) {
    return i.opmask == 0 ? State.vector(v.state, i.register[0]) : result(v);
  }

  /** Writes what was made at {@link #target}. */
  static void finish(Vcpu v, Insn i, long t) {
    if (i.opmask == 0) {
      VectorOperands.clearAbove(v, i, 0, i.width[0]);
    } else {
      VectorOperands.write(v, i, t, i.row.element);
    }
  }

  /** {@return scratch where a result can be made while its sources are still needed} */
  static long result(Vcpu v) {
    return State.scratch(v.state, 3);
  }
}
