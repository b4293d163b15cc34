// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Vcpu;

/** Objects that the semantics need while an instruction runs; one of each a vCPU. */
final class Scratch {
  /** Exceptions of floating-point operations. */
  final FpFlags fp = new FpFlags();

  private Scratch() {}

  /** {@return the vCPU's scratch objects, made at first use} */
  static Scratch of(Vcpu v) {
    if (v.semantics instanceof Scratch scratch) {
      return scratch;
    }
    Scratch made = new Scratch();
    v.semantics = made;
    return made;
  }
}
