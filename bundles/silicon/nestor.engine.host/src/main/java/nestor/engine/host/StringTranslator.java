// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RDI;
import static nestor.engine.host.Emitter.RSI;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * MOVS, STOS and LODS that go up in 64-bit code; with REP, page by page by the host's own REP.
 *
 * <p>Each iteration is one retired instruction. What has been done when a page needs Java stands in
 * the guest's registers and in the budget, so that Java goes on from there.
 */
final class StringTranslator {
  private static final int GUEST_RAX = Frame.host(0);
  private static final int GUEST_RCX = Frame.host(1);

  private final Translation t;
  private final Emitter e;

  /** Bytes of one unit, and their binary logarithm. */
  private int w;

  private int shift;

  StringTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i) {
    if (i.mode != 64 || i.addressSize != 8 || i.segment >= Segment.FS) {
      return false;
    }
    w = i.width[0];
    shift = Integer.numberOfTrailingZeros(w);
    boolean repeated = i.isRepeated();
    switch (i.row.mnemonic) {
      case STOSB, STOSW, STOSD, STOSQ -> {
        if (repeated) {
          repeat(false);
        } else {
          store();
        }
      }
      case MOVSB, MOVSW, MOVSD, MOVSQ -> {
        if (repeated) {
          repeat(true);
        } else {
          move();
        }
      }
      case LODSB, LODSW, LODSD, LODSQ -> {
        if (repeated) {
          return false;
        }
        load();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Leaves to Java if RFLAGS.DF is set. */
  private void requireUpwards() {
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.testMemoryImmediate(4, RAX, State.RFLAGS, Flags.DF);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    t.flagsLost();
  }

  private void check(int register, boolean write) {
    e.move(8, RAX, register);
    t.check(w, write);
  }

  private void advance(int register) {
    e.lea(8, register, register, Emitter.NONE, 0, w);
  }

  private void store() {
    requireUpwards();
    check(RDI, true);
    e.store(w, GUEST_RAX, RAX, 0);
    advance(RDI);
  }

  private void load() {
    requireUpwards();
    check(RSI, false);
    e.load(w, GUEST_RAX, RAX, 0);
    advance(RSI);
  }

  private void move() {
    requireUpwards();
    check(RSI, false);
    e.store(8, RAX, RSP, Frame.KEPT);
    check(RDI, true);
    e.load(8, RCX, RSP, Frame.KEPT);
    e.load(w, RCX, RCX, 0);
    e.store(w, RCX, RAX, 0);
    advance(RSI);
    advance(RDI);
  }

  private void repeat(boolean moves) {
    requireUpwards();
    e.registers(0x85, 8, GUEST_RCX, GUEST_RCX);
    long nothing = e.jump(Emitter.EQUAL, e.here());
    long loop = e.here();
    chunk(moves);
    check(RDI, true);
    if (moves) {
      e.store(8, RAX, RSP, Frame.TARGET);
      check(RSI, false);
      e.store(8, RSI, RSP, Frame.KEPT_TOO);
      e.move(8, RSI, RAX);
      e.load(8, RAX, RSP, Frame.TARGET);
    }
    e.store(8, RDI, RSP, Frame.TARGET);
    e.move(8, RDI, RAX);
    e.load(8, RCX, RSP, Frame.KEPT);
    if (!moves) {
      e.move(8, RAX, GUEST_RAX);
    }
    e.repeatString(moves ? 0xA4 : 0xAA, w);
    e.load(8, RCX, RSP, Frame.KEPT);
    e.load(8, RDI, RSP, Frame.TARGET);
    e.lea(8, RDI, RDI, RCX, shift, 0);
    if (moves) {
      e.load(8, RSI, RSP, Frame.KEPT_TOO);
      e.lea(8, RSI, RSI, RCX, shift, 0);
    }
    e.arithmetic(Emitter.SUB, 8, Frame.BUDGET, RCX);
    e.arithmetic(Emitter.SUB, 8, GUEST_RCX, RCX);
    e.jump(Emitter.NOT_EQUAL, loop);
    // The block has counted the instruction once already.
    e.arithmeticImmediate(Emitter.ADD, 8, Frame.BUDGET, 1);
    e.patch(nothing, e.here());
    t.flagsLost();
  }

  /**
   * Keeps the iterations that end before a page does. Java takes over where that is none, or where
   * fewer may retire.
   */
  private void chunk(boolean moves) {
    e.move(8, RCX, GUEST_RCX);
    room(RDI);
    if (moves) {
      room(RSI);
    }
    e.registers(0x85, 8, RCX, RCX);
    e.jump(Emitter.EQUAL, t.slow());
    e.arithmetic(Emitter.CMP, 8, Frame.BUDGET, RCX);
    e.jump(Emitter.LESS, t.slow());
    e.store(8, RCX, RSP, Frame.KEPT);
  }

  /** Cuts the iterations in RCX to those that end in the page of a register. */
  private void room(int register) {
    e.move(4, RAX, register);
    e.arithmeticImmediate(Emitter.OR, 4, RAX, -4096);
    e.registers(0xF7, 4, 3, RAX, true); // NEG: bytes to the end of the page
    if (shift != 0) {
      e.shift(5, 4, RAX, shift);
    }
    e.arithmetic(Emitter.CMP, 8, RCX, RAX);
    e.registers(0x0F40 | Emitter.ABOVE, 8, RCX, RAX); // CMOVA
  }
}
