// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Instructions without effect on the state: NOP, prefetches, fences. */
final class Hints {
  private Hints() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case SERIALIZE -> {
        v.attention(State.ATTENTION_RECHECK);
        fence(v);
      }
      case MFENCE -> fence(v);
      case NOP -> {
        // 0F 0D with a register: PREFETCHW has memory operands only, and AMD's CPUs insist on it
        // (APM vol. 3, "PREFETCHx"); for Intel's it is one of the hint NOPs.
        if (i.row.opcode == 0x0D && v.amd) {
          throw v.undefined();
        }
      }
      default -> {}
    }
  }

  /** Stores before it are seen by others before loads after it are done. */
  private static void fence(Vcpu v) {
    if (v.rendezvous != null) {
      Mem.fullFence();
    }
  }
}
