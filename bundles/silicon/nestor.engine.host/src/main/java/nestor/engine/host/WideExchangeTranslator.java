// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RDI;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.vcpu.Flags;

/** CMPXCHG8B and CMPXCHG16B. Where vCPUs take turns the host's LOCK is left out. */
final class WideExchangeTranslator {
  private static final int GUEST_RAX = Frame.host(0);
  private static final int GUEST_RCX = Frame.host(1);

  private final Translation t;
  private final Emitter e;

  WideExchangeTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} RDX and RBX are the host's own. */
  boolean translate(Insn i, boolean locked) {
    boolean wide = i.row.mnemonic == Mnemonic.CMPXCHG16B;
    if (!Translation.canAddress(i) || wide && !HostFeatures.has("CX16")) {
      return false;
    }
    t.address(i, wide ? 16 : 8, true);
    if (wide) {
      t.requireAligned(16);
    }
    e.store(8, RDI, RSP, Frame.KEPT);
    e.move(8, RDI, RAX);
    t.needFlags();
    e.move(8, RAX, GUEST_RAX);
    e.move(8, RCX, GUEST_RCX);
    if (locked) {
      e.emit8(0xF0);
    }
    e.memoryExtension(0x0FC7, wide ? 8 : 4, 1, RDI, 0);
    e.load(8, RDI, RSP, Frame.KEPT);
    e.move(8, GUEST_RAX, RAX);
    t.someFlagsSet(Flags.ZF);
    return true;
  }
}
