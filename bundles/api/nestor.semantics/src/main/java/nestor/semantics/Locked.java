// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Contention;
import nestor.vcpu.Rendezvous;
import nestor.vcpu.Vcpu;

/**
 * Locked read-modify-writes where vCPUs run in parallel (SDM vol. 3A, "Locked Atomic Operations"):
 * an instruction with LOCK, and XCHG with memory.
 *
 * <p>The instruction runs as ever but for its store, which is a compare-and-set against what it has
 * loaded; if that fails it starts anew. All locked instructions store before they change anything
 * else. What no compare-and-set of the host does, such as a misaligned operand, 16 bytes or a
 * device, runs while all other vCPUs stand still.
 */
final class Locked {
  private Locked() {}

  static boolean isLocked(Insn i) {
    return i.operandCount > 0
        && i.kind[0] == OperandKind.MEMORY
        && (i.has(Insn.LOCK) || i.row.mnemonic == Mnemonic.XCHG);
  }

  static void execute(Vcpu v, Insn i) {
    if (i.row.mnemonic == Mnemonic.CMPXCHG16B || !byCompareAndSet(v, i)) {
      byForce(v, i);
    }
  }

  /** {@return whether it could be done so} */
  private static boolean byCompareAndSet(Vcpu v, Insn i) {
    v.locked = true;
    try {
      while (true) {
        try {
          Semantics.plain(v, i);
          return true;
        } catch (Contention cause) {
          if (cause == Contention.UNSUITABLE) {
            return false;
          }
        }
      }
    } finally {
      v.locked = false;
    }
  }

  private static void byForce(Vcpu v, Insn i) {
    Rendezvous rendezvous = v.rendezvous;
    // The operand may be a device's: the board comes before exclusive work.
    rendezvous.lockBoard();
    try {
      rendezvous.exclusively(() -> Semantics.plain(v, i));
    } finally {
      rendezvous.unlockBoard();
    }
  }
}
