// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.isa.Insn;
import nestor.vcpu.CodeBlock;

/** A straight run of decoded instructions within one physical page. */
final class Block extends CodeBlock<Block> {
  /** Most instructions in a block. */
  static final int MAX = 32;

  /** What the decoder was told: code size, and whether VEX exists. */
  final int mode;

  /** Two longs an instruction; see {@link Packed}. */
  final long[] code;

  /** For generic instructions, the whole decode; null elsewhere. */
  final Insn[] insns;

  /** Number of instructions. */
  final int count;

  /** Length in bytes. */
  final int bytes;

  // The two last successors: where they start, the fetch key that led there, and the blocks.
  private long rip1;
  private long key1;
  private Block successor1;
  private long rip2;
  private long key2;
  private Block successor2;

  Block(long gpa, int mode, long[] code, Insn[] insns, int count, int bytes, long secondPage) {
    super(gpa);
    this.mode = mode;
    this.code = code;
    this.insns = insns;
    this.count = count;
    this.bytes = bytes;
    this.secondPage = secondPage;
  }

  @Override
  public int bytes() {
    return bytes;
  }

  /**
   * {@return the block that followed this one at {@code rip} before, or null}
   *
   * @param key the fetch key of the page of {@code rip} now, so that a new mapping is noticed
   */
  Block successor(long rip, long key) {
    if (rip == rip1 && key == key1 && successor1 != null && successor1.valid) {
      return successor1;
    }
    if (rip == rip2 && key == key2 && successor2 != null && successor2.valid) {
      return successor2;
    }
    return null;
  }

  /** Notes a successor, for {@link #successor}. The older of two makes room. */
  void follow(long rip, long key, Block block) {
    rip2 = rip1;
    key2 = key1;
    successor2 = successor1;
    rip1 = rip;
    key1 = key;
    successor1 = block;
  }

  /** {@return offset of instruction {@code n} from the start of the block} */
  int offset(int n) {
    return n == 0 ? 0 : Packed.next(code[2 * (n - 1)]);
  }
}
