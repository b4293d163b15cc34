// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Instructions without effect on the state: NOP, prefetches, fences. */
final class Hints {
  private Hints() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case SERIALIZE -> v.attention(State.ATTENTION_RECHECK);
      default -> {}
    }
  }
}
