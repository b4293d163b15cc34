// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.OperandKind;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The few instructions of the system families that are frequent and have no more than one effect.
 */
final class SystemTranslator {
  private static final int PKE = 1 << 22;
  private static final int GUEST_RAX = Frame.host(0);
  private static final int GUEST_RCX = Frame.host(1);

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
      // Where no other vCPU waits for its turn, or for the host's CPU.
      case PAUSE -> !intercepted && !v.yieldOnPause && v.rendezvous == null;
      case MOV -> moveSelector(i) || !intercepted && readControl(i);
      case RDPKRU -> readKeys(i);
      default -> false;
    };
  }

  /** CR8 is the local APIC's. */
  private boolean readControl(Insn i) {
    if (i.kind[0] != OperandKind.GPR
        || i.kind[1] != OperandKind.CONTROL
        || i.mode != 64
        || i.has(Insn.LOCK)) {
      return false;
    }
    int field;
    switch (i.register[1]) {
      case 0 -> field = State.CR0;
      case 2 -> field = State.CR2;
      case 3 -> field = State.CR3;
      case 4 -> field = State.CR4;
      default -> {
        return false;
      }
    }
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CPL, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    int to = Translation.target(i.register[0], RCX);
    e.load(8, to, RAX, field);
    t.written(i.register[0], to);
    t.flagsLost();
    return true;
  }

  private boolean readKeys(Insn i) {
    if (i.mode != 64) {
      return false;
    }
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.testMemoryImmediate(4, RAX, State.CR4, PKE);
    e.jump(Emitter.EQUAL, t.slow());
    e.registers(0x85, 4, GUEST_RCX, GUEST_RCX);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.load(4, GUEST_RAX, RAX, State.PKRU);
    e.constant(Emitter.RDX, 0);
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
