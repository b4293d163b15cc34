// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Arrays;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.isa.RowAttribute;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Makes blocks: decodes a run of instructions and translates those that have a native form. */
final class Translator {
  private static final int PAGE = 4096;

  private final Vcpu v;
  private final Decoder decoder;
  private final byte[] bytes = new byte[PAGE + Decoder.MAX_LENGTH];
  private final Insn[] insns = new Insn[HostBlock.MAX];
  private final short[] ends = new short[HostBlock.MAX];

  private final Translation t;
  private final IntegerTranslator integers;
  private final MoveTranslator moves;
  private final ShiftTranslator shifts;
  private final BitTranslator bits;
  private final MultiplyTranslator multiplications;
  private final StackTranslator stack;
  private final BranchTranslator branches;
  private final AtomicTranslator atomics;
  private final WideExchangeTranslator wideExchanges;
  private final FlagTranslator flags;
  private final FlagRegisterTranslator flagRegister;
  private final FastCallTranslator fastCalls;
  private final TimeTranslator time;
  private final StringTranslator strings;
  private final VectorTranslator vectors;
  private final SystemTranslator system;
  private final HighByteTranslator highBytes;
  private final LockedTranslator locked;

  private int count;
  private int length;
  private long secondPage;
  private boolean tooLong;

  Translator(Vcpu v, CodeCache cache, Stubs stubs) {
    this.v = v;
    decoder = new Decoder(v.amd);
    t = new Translation(cache, stubs, v.rendezvous != null);
    integers = new IntegerTranslator(t);
    moves = new MoveTranslator(t);
    shifts = new ShiftTranslator(t);
    bits = new BitTranslator(t);
    multiplications = new MultiplyTranslator(t);
    stack = new StackTranslator(t);
    branches = new BranchTranslator(t, stack);
    atomics = new AtomicTranslator(t);
    wideExchanges = new WideExchangeTranslator(t);
    flags = new FlagTranslator(t);
    flagRegister = new FlagRegisterTranslator(t, stack);
    fastCalls = new FastCallTranslator(v.amd, t);
    time = new TimeTranslator(t);
    strings = new StringTranslator(t);
    vectors = new VectorTranslator(t);
    system = new SystemTranslator(v, t);
    highBytes = new HighByteTranslator(t);
    locked = new LockedTranslator(t, wideExchanges);
    for (int n = 0; n < insns.length; n++) {
      insns[n] = new Insn();
    }
  }

  private void fetch(long gpa, int offset, int n) {
    Mem.copyOut(v.memory.ramBase() + gpa, bytes, offset, n);
  }

  /**
   * Makes the block at {@code gpa} in RAM, which {@code rip} translates to. It is empty if its
   * first instruction ends outside RAM.
   */
  HostBlock make(int index, long gpa, long rip, int mode) {
    decode(gpa, rip, mode);
    if (v.rendezvous != null) {
      settle(gpa, rip, mode);
    }
    HostBlock block = new HostBlock(index, gpa, rip, mode, count);
    if (count == 0) {
      return block;
    }
    block.tooLong = tooLong;
    block.code = Arrays.copyOf(bytes, length);
    block.ends = Arrays.copyOf(ends, count);
    block.secondPage = secondPage;
    boolean wraps = CodeMode.codeSize(mode) != 64 && rip + length >>> 32 != 0;
    if (secondPage < 0 && CodeMode.isTranslated(mode) && !wraps) {
      translate(block);
    }
    if (v.rendezvous == null) {
      watch(gpa);
    }
    return block;
  }

  /** {@return whether other vCPUs may have run meanwhile} */
  private boolean watch(long gpa) {
    int room = (int) (PAGE - (gpa & (PAGE - 1)));
    boolean others = v.memory.watchCode(gpa, Math.min(length, room));
    if (secondPage >= 0) {
      others |= v.memory.watchCode(secondPage, length - room);
    }
    return others;
  }

  /** Other vCPUs may write until the bytes are watched: what was decoded before must still hold. */
  private void settle(long gpa, long rip, int mode) {
    boolean changed = true;
    while (changed && count > 0) {
      byte[] before = Arrays.copyOf(bytes, length);
      long second = secondPage;
      boolean others = watch(gpa);
      decode(gpa, rip, mode);
      changed =
          others
              || second != secondPage
              || length != before.length
              || !Arrays.equals(bytes, 0, length, before, 0, length);
    }
  }

  /** Decodes up to the end of the block; blocks end where the interpreter's do. */
  private void decode(long gpa, long rip, int mode) {
    long s = v.state;
    int codeSize = CodeMode.codeSize(mode);
    boolean vex = CodeMode.hasVex(mode);
    int limit = CodeMode.limit(mode);
    int most = limit == 0 ? HostBlock.MAX : limit;
    int room = (int) (PAGE - (gpa & (PAGE - 1)));
    int end = Math.min(room, (most + 1) * Decoder.MAX_LENGTH);
    fetch(gpa, 0, end);
    count = 0;
    length = 0;
    secondPage = -1;
    tooLong = false;
    boolean open = true;
    while (open && count < most && length < room) {
      Insn i = insns[count];
      DecodeResult result = decoder.decode(bytes, length, end, codeSize, vex, i);
      if (result == DecodeResult.NEED_MORE) {
        if (count > 0) {
          break;
        }
        long linear = State.base(s, Segment.CS) + rip;
        secondPage = v.mmu.fetch(SingleStep.goOn(v, linear + room)) & -PAGE;
        if (!v.memory.isRam(secondPage)) {
          secondPage = -1;
          count = 0;
          return;
        }
        fetch(secondPage, room, Decoder.MAX_LENGTH);
        result = decoder.decode(bytes, 0, room + Decoder.MAX_LENGTH, codeSize, vex, i);
        open = false;
      }
      length += i.length;
      ends[count++] = (short) length;
      if (result != DecodeResult.OK || !v.offered[i.row.index]) {
        tooLong = result == DecodeResult.TOO_LONG;
        i.row = null;
        return;
      }
      open &= !endsBlock(i);
    }
  }

  /** After STI, CLAC and STAC, which do not change what follows, a block goes on here. */
  private static boolean endsBlock(Insn i) {
    return i.row.has(RowAttribute.BRANCH)
        || i.row.has(RowAttribute.ENDS_BLOCK)
            && switch (i.row.mnemonic) {
              case STI, CLAC, STAC -> false;
              default -> true;
            };
  }

  /** {@return the decoded instruction {@code n} of a block, whose row is null if it must fault} */
  Insn insn(HostBlock block, int n) {
    Insn i = block.insns[n];
    if (i == null) {
      i = new Insn();
      DecodeResult result =
          decoder.decode(
              block.code,
              block.start(n),
              block.code.length,
              CodeMode.codeSize(block.mode),
              CodeMode.hasVex(block.mode),
              i);
      if (result != DecodeResult.OK || !v.offered[i.row.index]) {
        i.row = null;
      }
      block.insns[n] = i;
    }
    return i;
  }

  private void translate(HostBlock block) {
    for (int n = 0; n < count; n++) {
      block.usesVectors |= VectorTranslator.isNative(insns[n], block.mode);
    }
    t.start(block, FlagLiveness.dead(insns, count));
    boolean inNative = true;
    boolean ended = false;
    for (int n = 0; n < count; n++) {
      Insn i = insns[n];
      t.begin(n, block.rip + ends[n]);
      if (i.row != null && translate(i, block.mode)) {
        t.end();
        inNative = true;
        ended = i.row.has(RowAttribute.BRANCH);
      } else {
        t.leaveToJava(inNative);
        inNative = false;
      }
    }
    if (inNative && !ended) {
      t.edge(0, -1, block.rip + length);
    }
    t.finish();
    if (CodeMap.ofProcess() != null) {
      CodeMap.ofProcess().add(block, t.starts);
    }
  }

  private boolean translate(Insn i, int mode) {
    if (HostProbe.differs(i.row.mnemonic)) {
      return false;
    }
    for (int n = 0; n < i.operandCount; n++) {
      if (i.kind[n] == OperandKind.GPR_HIGH) {
        return highBytes.translate(i);
      }
    }
    if (v.rendezvous != null && LockedTranslator.isLocked(i)) {
      return locked.translate(i);
    }
    boolean guest = CodeMode.isGuest(mode);
    return switch (i.row.family) {
      case ALU -> integers.translate(i);
      case MOVES -> moves.translate(i);
      case SHIFT_ROTATE -> shifts.translate(i);
      case BITS -> bits.translate(i);
      case MULTIPLY_DIVIDE -> multiplications.translate(i);
      case STACK -> stack.translate(i) || flagRegister.translate(i, guest);
      case STRINGS -> strings.translate(i);
      case BRANCHES -> branches.translate(i);
      case ATOMIC -> atomic(i);
      case FLAG_OPS -> flags.translate(i);
      case HINTS -> hint(i);
      case MSRS -> time.translate(i, guest);
      case FAR_TRANSFERS -> fastCalls.translate(i, guest);
      case CONTROL -> flagRegister.translate(i, guest) || system.translate(i, guest);
      case INTERRUPTS -> flagRegister.translate(i, guest);
      case SEGMENTS -> system.translate(i, guest) || fastCalls.translate(i, guest);
      case POWER -> system.translate(i, guest);
      default -> VectorTranslator.isNative(i, mode) && vectors.translate(i, mode);
    };
  }

  private boolean atomic(Insn i) {
    return switch (i.row.mnemonic) {
      case CMPXCHG8B, CMPXCHG16B -> wideExchanges.translate(i, false);
      default -> atomics.translate(i);
    };
  }

  /** Hints do nothing, but 0F 0D with a register may be undefined, and some end a block. */
  private static boolean hint(Insn i) {
    return (i.row.opcode != 0x0D || i.memoryOperand() >= 0) && !i.row.has(RowAttribute.ENDS_BLOCK);
  }
}
