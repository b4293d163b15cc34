// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.vcpu.Flags;
import nestor.vcpu.State;

/**
 * Where the guest's flags are while a block's code is made.
 *
 * <p>They are in host EFLAGS after an instruction that sets them, and are saved into the frame
 * before anything that may leave the block or that changes EFLAGS.
 */
abstract class FlagTracking {
  /** What runs. */
  final Emitter e = new Emitter(1 << 14);

  /** Bit n: the flags after instruction n are overwritten before anybody can see them. */
  long deadFlags;

  /** Number of the current instruction. */
  int number;

  // Where the flags are; both may be true.
  private boolean inHost;
  private boolean inFrame;

  /** Bits of the LAHF image that are set in the host's flags although they must read as zero. */
  private int stale;

  /** A block begins: the flags are in the frame. */
  void startFlags() {
    inHost = false;
    inFrame = true;
    stale = 0;
  }

  /** {@return whether EFLAGS hold the guest's flags} */
  boolean flagsInHost() {
    return inHost;
  }

  /** Makes the frame hold the flags. RAX is lost. */
  void saveFlags() {
    if (inFrame) {
      return;
    }
    e.lahf();
    e.set(Emitter.OVERFLOW, RAX);
    if (stale != 0) {
      e.arithmeticImmediate(Emitter.AND, 4, RAX, ~(stale << 8));
      inHost = false;
      stale = 0;
    }
    e.store(4, RAX, RSP, Frame.FLAGS);
    inFrame = true;
  }

  /** What comes changes EFLAGS, and the guest's flags are in the frame. */
  void flagsLost() {
    inHost = false;
    stale = 0;
  }

  /** Saves the flags, and lets EFLAGS be changed. RAX is lost. */
  void freeFlags() {
    saveFlags();
    flagsLost();
  }

  /** Makes EFLAGS hold the flags. RAX is lost. */
  void needFlags() {
    if (!inHost) {
      restore(e);
      inHost = true;
      stale = 0;
    }
  }

  static void restore(Emitter to) {
    to.load(4, RAX, RSP, Frame.FLAGS);
    to.arithmeticImmediate(Emitter.ADD, 1, RAX, 127); // OF from bit 0
    to.sahf();
  }

  /** EFLAGS now hold all flags. */
  void flagsSet() {
    flagsSet(0);
  }

  /** EFLAGS now hold all flags, but those of {@code zeroes} in the LAHF image must read as zero. */
  void flagsSet(int zeroes) {
    inHost = true;
    inFrame = false;
    stale = zeroes;
  }

  /** After {@link #needFlags} an instruction has changed some of them. */
  void someFlagsSet(int changedInImage) {
    inHost = true;
    inFrame = false;
    stale &= ~changedInImage;
  }

  /** Makes sure that what EFLAGS hold, if they hold the flags, is exact. RAX is lost. */
  void settleFlags() {
    if (stale != 0) {
      saveFlags();
    }
  }

  /**
   * Saves the flags after a shift by the count in CL: AF must read as zero then, unless the count
   * was zero and all flags stay. RAX is lost.
   */
  void saveShiftedFlags(int countMask) {
    e.lahf();
    e.set(Emitter.OVERFLOW, RAX);
    e.testImmediate(1, RCX, countMask);
    int unchanged = e.shortJump(Emitter.EQUAL);
    e.arithmeticImmediate(Emitter.AND, 4, RAX, ~(Flags.AF << 8));
    e.bind(unchanged);
    e.store(4, RAX, RSP, Frame.FLAGS);
    inFrame = true;
    flagsLost();
  }

  /** {@return whether nobody can see the flags that the current instruction leaves} */
  boolean flagsDead() {
    return (deadFlags >> number & 1) != 0;
  }

  /** Part of the flags changed, in EFLAGS; the rest is in the frame. RAX and RCX are lost. */
  void mergeFlags(int imageBits) {
    e.lahf();
    e.registers(0x0FB6, 4, RAX, 4); // MOVZX EAX, AH
    e.arithmeticImmediate(Emitter.AND, 4, RAX, imageBits);
    e.memory(0, 0x0FB6, false, RCX, RSP, Frame.FLAGS + 1);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, ~imageBits);
    e.arithmetic(Emitter.OR, 4, RAX, RCX);
    e.store(1, RAX, RSP, Frame.FLAGS + 1);
    flagsLost();
  }

  /**
   * Saves the flags and makes a condition of theirs ready.
   *
   * @return the condition to use on EFLAGS, which are not the guest's afterwards
   */
  int condition(int code) {
    saveFlags();
    if (inHost) {
      return code;
    }
    int bit =
        switch (code >> 1) {
          case 0, 1 -> 1;
          case 2 -> Flags.ZF;
          case 4 -> Flags.SF;
          case 5 -> Flags.PF;
          default -> 0;
        };
    if (bit == 0) {
      needFlags();
      return code;
    }
    e.testMemoryImmediate(1, RSP, Frame.FLAGS + (code < 2 ? 0 : 1), bit);
    flagsLost();
    return (code & 1) == 0 ? Emitter.NOT_EQUAL : Emitter.EQUAL;
  }

  /** Throws unless the frame holds the flags: RAX is in use already. */
  void requireSavedFlags() {
    if (!inFrame) {
      throw new IllegalStateException("flags must be saved before an address is made");
    }
  }

  /**
   * Puts RFLAGS as PUSHF stores it into RCX, from the frame and the state block. RAX and EFLAGS are
   * lost. Only RF is hidden: VM is not set in code that is translated.
   */
  void flagImage() {
    e.load(8, RCX, RSP, Frame.STATE);
    e.load(4, RCX, RCX, State.RFLAGS);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, ~(Flags.ARITHMETIC | Flags.RF | Flags.VM));
    e.memory(0, 0x0FB6, false, RAX, RSP, Frame.FLAGS + 1);
    e.arithmeticImmediate(Emitter.AND, 4, RAX, Flags.ARITHMETIC & 0xFF);
    e.arithmetic(Emitter.OR, 4, RCX, RAX);
    e.memory(0, 0x0FB6, false, RAX, RSP, Frame.FLAGS);
    e.shift(4, 4, RAX, 11); // OF
    e.arithmetic(Emitter.OR, 4, RCX, RAX);
  }

  /** The guest's arithmetic flags are now those of an RFLAGS image in RCX. RAX and RCX are lost. */
  void arithmeticFlagsFromImage() {
    e.move(4, RAX, RCX);
    e.arithmeticImmediate(Emitter.AND, 4, RAX, Flags.ARITHMETIC & 0xFF);
    e.store(1, RAX, RSP, Frame.FLAGS + 1);
    e.shift(5, 4, RCX, 11); // OF
    e.arithmeticImmediate(Emitter.AND, 4, RCX, 1);
    e.store(1, RCX, RSP, Frame.FLAGS);
    inFrame = true;
    flagsLost();
  }
}
