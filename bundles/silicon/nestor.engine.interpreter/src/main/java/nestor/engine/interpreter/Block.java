// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.isa.Insn;

/** A straight run of decoded instructions within one physical page. */
final class Block {
  /** Most instructions in a block. */
  static final int MAX = 32;

  /** Guest-physical address of the first byte. */
  final long gpa;

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

  /** Physical page of the part beyond the page end, for an instruction that crosses it, or -1. */
  final long secondPage;

  /** False once its bytes have changed. */
  boolean valid = true;

  /** Next block that starts in the same granule. */
  Block next;

  Block(long gpa, int mode, long[] code, Insn[] insns, int count, int bytes, long secondPage) {
    this.gpa = gpa;
    this.mode = mode;
    this.code = code;
    this.insns = insns;
    this.count = count;
    this.bytes = bytes;
    this.secondPage = secondPage;
  }

  /** {@return offset of instruction {@code n} from the start of the block} */
  int offset(int n) {
    return n == 0 ? 0 : Packed.next(code[2 * (n - 1)]);
  }
}
