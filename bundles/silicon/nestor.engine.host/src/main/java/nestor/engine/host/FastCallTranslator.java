// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;
import static nestor.engine.host.Emitter.RSP;

import nestor.isa.Insn;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * SYSCALL and SYSRET between 64-bit code (SDM vol. 2 and APM vol. 3, sections of those names), and
 * SWAPGS. They change the privilege level, which is no part of a block's mode: what follows runs on
 * the other level's fast table.
 */
final class FastCallTranslator {
  private static final int SCE = 1;
  private static final int WRITABLE = 0x3F_7FD5;
  private static final int RETURNED = 0x3C_7FD5 & ~(Flags.TF | Flags.AC);
  private static final int GUEST_RCX = Frame.host(1);
  private static final int CANONICAL_SHIFT_48 = 16;

  private final boolean amd;
  private final Translation t;
  private final Emitter e;

  FastCallTranslator(boolean amd, Translation t) {
    this.amd = amd;
    this.t = t;
    this.e = t.e;
  }

  /** {@return whether the instruction has been translated} */
  boolean translate(Insn i, boolean intercepted) {
    if (intercepted || i.mode != 64) {
      return false;
    }
    return switch (i.row.mnemonic) {
      case SYSCALL -> call();
      case SYSRET -> i.operandSize == 8 && ret();
      case SWAPGS -> swapBases();
      default -> false;
    };
  }

  private static int field(int segment, int offset) {
    return State.SEGMENTS + (segment << 5) + offset;
  }

  /** Leaves to Java unless EFER.SCE is set. RAX then has the address of the state block. */
  private void requireEnabled() {
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.testMemoryImmediate(1, RAX, State.EFER, SCE);
    e.jump(Emitter.EQUAL, t.slow());
    t.flagsLost();
  }

  /** Keeps the fast table of a view, which is not in force yet. */
  private void keepTable(int view) {
    e.load(8, RCX, RAX, State.CONTEXT);
    if (view != 0) {
      e.arithmeticImmediate(Emitter.ADD, 8, RCX, view * FastTable.BYTES);
    }
    e.store(8, RCX, RSP, Frame.KEPT);
  }

  /** RFLAGS.AC would choose another view: that is left to Java. */
  private boolean call() {
    requireEnabled();
    e.testMemoryImmediate(4, RAX, State.RFLAGS, Flags.AC);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    keepTable(FastTable.SUPERVISOR);
    e.load(8, RAX, RAX, State.LSTAR);
    t.lookUpJump(Frame.KEPT);
    e.store(8, RCX, RSP, Frame.TARGET);
    t.flagImage();
    e.store(8, RCX, RSP, Frame.spill(11));
    e.load(8, RAX, RSP, Frame.STATE);
    e.load(4, RAX, RAX, State.FMASK);
    e.registers(0xF7, 4, 2, RAX, true); // NOT
    e.arithmetic(Emitter.AND, 4, RCX, RAX);
    writeFlags();
    e.constant(GUEST_RCX, t.nextRip);
    e.load(4, RCX, RAX, State.STAR + 4);
    e.arithmeticImmediate(Emitter.AND, 4, RCX, 0xFFFC);
    e.store(8, RCX, RAX, field(Segment.CS, 0));
    e.lea(4, RCX, RCX, Emitter.NONE, 0, 8);
    flat(Segment.CS, Segment.FLAT_CODE64);
    selector(Segment.SS);
    flat(Segment.SS, Segment.FLAT_DATA);
    enter(0);
    return true;
  }

  /** Takes RFLAGS from ECX; RAX then has the address of the state block. */
  private void writeFlags() {
    e.arithmeticImmediate(Emitter.AND, 4, RCX, WRITABLE);
    e.arithmeticImmediate(Emitter.OR, 4, RCX, 2);
    e.load(8, RAX, RSP, Frame.STATE);
    e.store(8, RCX, RAX, State.RFLAGS);
    t.arithmeticFlagsFromImage();
    e.load(8, RAX, RSP, Frame.STATE);
  }

  private void selector(int segment) {
    e.registers(0x0FB7, 4, RCX, RCX);
    e.store(8, RCX, RAX, field(segment, 0));
  }

  /** Base 0, limit 4 GiB; limits are kept without a sign. */
  private void flat(int segment, int attributes) {
    e.storeImmediate(8, RAX, field(segment, 8), 0);
    e.storeImmediate(4, RAX, field(segment, 16), -1);
    e.storeImmediate(4, RAX, field(segment, 20), 0);
    e.storeImmediate(8, RAX, field(segment, 24), attributes);
  }

  /** Goes to the code whose address is kept, at a level whose fast table is kept. */
  private void enter(int level) {
    e.storeImmediate(8, RAX, State.CPL, level);
    e.load(8, RCX, RSP, Frame.KEPT);
    e.store(8, RCX, RAX, State.FAST_TABLE);
    e.store(8, RCX, RSP, Frame.TABLE);
    t.endShadow();
    e.jumpMemory(RSP, Frame.TARGET);
  }

  private boolean ret() {
    requireEnabled();
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CPL, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.arithmeticMemoryImmediate(Emitter.CMP, 8, RAX, State.PENDING, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CANONICAL_SHIFT, CANONICAL_SHIFT_48);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.testMemoryImmediate(4, RSP, Frame.spill(11), Flags.TF | Flags.AC);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    e.move(8, RCX, GUEST_RCX);
    e.shift(4, 8, RCX, CANONICAL_SHIFT_48);
    e.shift(7, 8, RCX, CANONICAL_SHIFT_48);
    e.arithmetic(Emitter.CMP, 8, RCX, GUEST_RCX);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    keepTable(FastTable.USER);
    e.move(8, RAX, GUEST_RCX);
    t.lookUpJump(Frame.KEPT);
    e.store(8, RCX, RSP, Frame.TARGET);
    e.load(4, RCX, RSP, Frame.spill(11));
    e.arithmeticImmediate(Emitter.AND, 4, RCX, RETURNED);
    writeFlags();
    e.memory(0, 0x0FB7, false, RCX, RAX, State.STAR + 6);
    e.lea(4, RCX, RCX, Emitter.NONE, 0, 16);
    e.arithmeticImmediate(Emitter.OR, 4, RCX, 3);
    selector(Segment.CS);
    flat(Segment.CS, Segment.FLAT_CODE64 | 3 << 5);
    e.memory(0, 0x0FB7, false, RCX, RAX, State.STAR + 6);
    e.lea(4, RCX, RCX, Emitter.NONE, 0, 8);
    e.arithmeticImmediate(Emitter.OR, 4, RCX, 3);
    selector(Segment.SS);
    if (!amd) { // APM vol. 3, "SYSRET": the hidden part of SS stays.
      flat(Segment.SS, Segment.FLAT_DATA | 3 << 5);
    }
    enter(3);
    return true;
  }

  private boolean swapBases() {
    t.saveFlags();
    e.load(8, RAX, RSP, Frame.STATE);
    e.arithmeticMemoryImmediate(Emitter.CMP, 4, RAX, State.CPL, 0);
    e.jump(Emitter.NOT_EQUAL, t.slow());
    t.flagsLost();
    e.load(8, RCX, RAX, State.KERNEL_GS_BASE);
    e.store(8, RCX, RSP, Frame.KEPT);
    e.load(8, RCX, RSP, Frame.GS_BASE);
    e.store(8, RCX, RAX, State.KERNEL_GS_BASE);
    e.load(8, RCX, RSP, Frame.KEPT);
    e.store(8, RCX, RSP, Frame.GS_BASE);
    e.store(8, RCX, RAX, field(Segment.GS, 8));
    return true;
  }
}
