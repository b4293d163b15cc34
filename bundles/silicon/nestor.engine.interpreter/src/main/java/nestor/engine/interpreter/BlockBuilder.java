// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import java.util.Arrays;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.isa.RowAttribute;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Fetches and decodes, and lowers decoded instructions to packed ones. */
final class BlockBuilder {
  private static final int PAGE = 4096;

  private final Vcpu v;
  private final Decoder decoder;
  private final Lowering lowering = new Lowering();
  private final byte[] bytes = new byte[PAGE + Decoder.MAX_LENGTH];
  private final long[] code = new long[2 * Block.MAX];
  private final Insn[] insns = new Insn[Block.MAX];
  private Insn scratch = new Insn();

  BlockBuilder(Vcpu v) {
    this.v = v;
    decoder = new Decoder(v.amd);
  }

  /** {@return the mode word of the code at RIP: code size, plus 1 where VEX does not exist} */
  static int mode(long s) {
    return (int) State.get(s, State.CODE_SIZE) | (State.realOrVirtual8086(s) ? 1 : 0);
  }

  private void fetch(long gpa, int offset, int count) {
    PhysicalMemory memory = v.memory;
    if (memory.isRam(gpa)) {
      Mem.copyOut(memory.ramBase() + gpa, bytes, offset, count);
    } else {
      for (int n = 0; n < count; n++) {
        bytes[offset + n] = (byte) memory.load(v, gpa + n, 1);
      }
    }
  }

  /** Decodes the one instruction at RIP, for stepping. Faults as its fetch does. */
  DecodeResult decodeOne(Insn out) {
    long s = v.state;
    long linear = v.linearRip();
    long gpa = v.mmu.fetch(linear);
    int mode = mode(s);
    int room = (int) Math.min(Decoder.MAX_LENGTH, PAGE - (gpa & (PAGE - 1)));
    fetch(gpa, 0, room);
    DecodeResult result = decoder.decode(bytes, 0, room, mode & ~1, (mode & 1) == 0, out);
    if (result == DecodeResult.NEED_MORE) {
      long second = v.mmu.fetch(wrap(v, linear + room));
      fetch(second, room, Decoder.MAX_LENGTH - room);
      result = decoder.decode(bytes, 0, Decoder.MAX_LENGTH, mode & ~1, (mode & 1) == 0, out);
    }
    return result;
  }

  /**
   * {@return the linear address where an instruction goes on, cut to 32 bits outside 64-bit mode}
   */
  static long wrap(Vcpu v, long linear) {
    if (!State.mode64(v.state)) {
      return linear & 0xFFFF_FFFFL;
    }
    if (!State.isCanonical(v.state, linear)) {
      throw v.protection();
    }
    return linear;
  }

  /** Builds the block at {@code gpa}, which RIP translates to. */
  Block build(long gpa) {
    Block block = decode(gpa);
    boolean others = watch(block);
    // Other vCPUs may write until the bytes are watched: what was decoded before must still hold.
    while (v.rendezvous != null && (others || hasChanged(block))) {
      block = decode(gpa);
      others = watch(block);
    }
    return block;
  }

  /** {@return whether other vCPUs may have run meanwhile} */
  private boolean watch(Block block) {
    if (!v.memory.isRam(block.gpa)) {
      return false;
    }
    int room = (int) (PAGE - (block.gpa & (PAGE - 1)));
    boolean others = v.memory.watchCode(block.gpa, Math.min(block.bytes, room));
    if (block.secondPage >= 0) {
      others |= v.memory.watchCode(block.secondPage, block.bytes - room);
    }
    return others;
  }

  private boolean hasChanged(Block block) {
    int room = (int) (PAGE - (block.gpa & (PAGE - 1)));
    for (int n = 0; n < block.bytes; n++) {
      long at = n < room ? block.gpa + n : block.secondPage + n - room;
      if (v.memory.isRam(at) && Mem.getByte(v.memory.ramBase() + at) != bytes[n]) {
        return true;
      }
    }
    return false;
  }

  private Block decode(long gpa) {
    long s = v.state;
    int mode = mode(s);
    int codeSize = mode & ~1;
    boolean vex = (mode & 1) == 0;
    int room = (int) (PAGE - (gpa & (PAGE - 1)));
    fetch(gpa, 0, room);
    int count = 0;
    int at = 0;
    long second = -1;
    boolean open = true;
    while (open && count < Block.MAX && at < room) {
      DecodeResult result = decoder.decode(bytes, at, room, codeSize, vex, scratch);
      if (result == DecodeResult.NEED_MORE) {
        if (count > 0) {
          break;
        }
        second = v.mmu.fetch(wrap(v, v.linearRip() + room)) & -PAGE;
        fetch(second, room, Decoder.MAX_LENGTH);
        result = decoder.decode(bytes, 0, room + Decoder.MAX_LENGTH, codeSize, vex, scratch);
        open = false;
      }
      at += scratch.length;
      open &= add(result, count++, at);
    }
    return new Block(
        gpa, mode, Arrays.copyOf(code, 2 * count), Arrays.copyOf(insns, count), count, at, second);
  }

  /** {@return whether the block goes on} */
  private boolean add(DecodeResult result, int n, int next) {
    insns[n] = null;
    code[2 * n + 1] = 0;
    if (result != DecodeResult.OK || !v.offered[scratch.row.index]) {
      int handler = result == DecodeResult.TOO_LONG ? Handlers.TOO_LONG : Handlers.UNDEFINED;
      code[2 * n] = Packed.withNext(handler, next);
      return false;
    }
    if (lowering.lower(scratch, next)) {
      code[2 * n] = Packed.withNext(lowering.word, next);
      code[2 * n + 1] = lowering.word2;
      return Packed.handler(lowering.word) < Handlers.FIRST_BRANCH;
    }
    code[2 * n] = Packed.withNext(Handlers.GENERIC, next);
    insns[n] = scratch;
    scratch = new Insn();
    return !insns[n].row.has(RowAttribute.BRANCH) && !insns[n].row.has(RowAttribute.ENDS_BLOCK);
  }

  /** {@return whether all bytes of a block lie inside the code segment} */
  static boolean insideLimit(long s, Block block) {
    return State.get(s, State.RIP) + block.bytes - 1 <= State.limit(s, Segment.CS);
  }
}
