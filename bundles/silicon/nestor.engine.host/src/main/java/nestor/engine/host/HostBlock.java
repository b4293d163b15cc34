// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.isa.Insn;
import nestor.vcpu.CodeBlock;

/** A straight run of guest instructions, with its translation if it has one. */
final class HostBlock extends CodeBlock<HostBlock> {
  /** Most instructions in a block; as many as the interpreter has, so that both fetch alike. */
  static final int MAX = 32;

  /** Low bits of an exit's reason: instruction number, or one of the following. */
  static final int EXIT_BITS = 7;

  /** Exit: first edge. The second has the next number. */
  static final int EXIT_EDGE = MAX;

  /** Exit: fewer instructions may retire than the block holds. */
  static final int EXIT_BUDGET = MAX + 2;

  /** Exit before the block: another thread asks for attention. */
  static final int EXIT_ATTENTION = MAX + 3;

  /** Place in the table of blocks, part of every exit's reason. */
  final int index;

  /** RIP of the first byte. */
  final long rip;

  /** What else the translation depends on; see {@link CodeMode}. */
  final int mode;

  /** Number of instructions. */
  final int count;

  /** Whether the last instruction has more than 15 bytes, and so must fault. */
  boolean tooLong;

  /** The code, as it was when it was translated. */
  byte[] code;

  /** Offset of the byte after each instruction. */
  short[] ends;

  /** Decoded instructions, where Java has needed them. */
  final Insn[] insns;

  /** Bit n: instruction n runs in Java. */
  long inJava;

  /** Host address, or 0 if all of the block runs in Java. */
  long entry;

  /** Bytes of code there. */
  int hotBytes;

  /** Host address of the part that seldom runs. */
  long coldEntry;

  /** Bytes of code there. */
  int coldBytes;

  /** How often a turn ended here. */
  int samples;

  /** Host address at which to go on after instruction n was done in Java, or 0. */
  long[] resume;

  /** Whether vector registers must be loaded. */
  boolean usesVectors;

  /** Direct ways out. */
  final Edge[] edges = new Edge[2];

  /** First edge that leads here. */
  Edge incoming;

  HostBlock(int index, long gpa, long rip, int mode, int count) {
    super(gpa);
    this.index = index;
    this.rip = rip;
    this.mode = mode;
    this.count = count;
    this.insns = new Insn[count];
  }

  /** {@return offset of instruction {@code n} from the start of the block} */
  int start(int n) {
    return n == 0 ? 0 : ends[n - 1];
  }

  @Override
  public int bytes() {
    return ends[count - 1];
  }

  int reason(int exit) {
    return index << EXIT_BITS | exit;
  }
}
