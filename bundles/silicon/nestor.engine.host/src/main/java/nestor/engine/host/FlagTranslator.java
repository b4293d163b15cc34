// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.State;

/** Instructions on single flags. DF never reaches the host: it changes in the state block. */
final class FlagTranslator {
  private final Translation t;
  private final Emitter e;

  FlagTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    switch (i.row.mnemonic) {
      case CLC, STC, CMC -> {
        t.needFlags();
        e.emit8(i.row.opcode);
        t.someFlagsSet(Flags.CF);
      }
      case CLD -> direction(Emitter.AND, ~Flags.DF);
      case STD -> direction(Emitter.OR, Flags.DF);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void direction(int operation, int value) {
    t.freeFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(operation, 4, RAX, State.RFLAGS, value);
  }
}
