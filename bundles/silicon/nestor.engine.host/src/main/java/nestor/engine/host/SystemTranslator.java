// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The few instructions of the system families that are frequent and have no more than one effect.
 */
final class SystemTranslator {
  private final Vcpu v;
  private final Translation t;
  private final Emitter e;

  SystemTranslator(Vcpu v, Translation t) {
    this.v = v;
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i, boolean intercepted) {
    return switch (i.row.mnemonic) {
      case CLI -> clearInterruptFlag();
      case PAUSE -> !intercepted && !v.yieldOnPause; // where no other vCPU waits for its turn
      case MOV -> moveSelector(i);
      default -> false;
    };
  }

  /** At privilege level 0 no more than the flag is at stake. */
  private boolean clearInterruptFlag() {
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CPL, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.arithmeticMemoryImmediate(Emitter.AND, 4, RAX, State.RFLAGS, ~Flags.IF);
    t.flagsLost();
    return true;
  }

  private boolean moveSelector(Insn i) {
    if (i.row.mnemonic != Mnemonic.MOV
        || i.kind[0] != OperandKind.GPR
        || i.kind[1] != OperandKind.SEGMENT
        || i.width[0] < 4) {
      return false;
    }
    e.load(8, RAX, RSP, Frame.STATE);
    int to = Translation.target(i.register[0], RCX);
    e.memory(0, 0x0FB7, false, to, RAX, State.SEGMENTS + (i.register[1] << 5));
    t.written(i.register[0], to);
    return true;
  }
}
