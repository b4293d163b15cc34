// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * One decoded instruction. The decoder fills it; whoever decodes owns it and may keep it.
 *
 * <p>Fields are public and plain because engines read them in their inner loops. Register numbers
 * are those of the encoding with all extensions applied.
 */
public final class Insn {
  /** Number of operand slots. */
  public static final int OPERANDS = 5;

  /** {@link #base} or {@link #index} when there is none. */
  public static final int NO_REGISTER = 16;

  /** {@link #base} of a RIP-relative operand; the displacement counts from the next instruction. */
  public static final int RIP = 17;

  /** {@link #prefixes}: F0. */
  public static final int LOCK = 1;

  /** {@link #prefixes}: F3, as the last of F2 and F3. */
  public static final int REP = 2;

  /** {@link #prefixes}: F2, as the last of F2 and F3. */
  public static final int REPNE = 4;

  /** {@link #prefixes}: 66. */
  public static final int OPERAND_SIZE = 8;

  /** {@link #prefixes}: 67. */
  public static final int ADDRESS_SIZE = 16;

  /** {@link #prefixes}: a segment override that has effect. */
  public static final int SEGMENT_OVERRIDE = 32;

  /** {@link #prefixes}: a REX prefix that has effect. */
  public static final int REX = 64;

  /** The row, or null after a failed decode. */
  public Row row;

  /** Length in bytes. */
  public int length;

  /** Code size: 16, 32 or 64. */
  public int mode;

  /** Effective operand size in bytes: 2, 4 or 8. */
  public int operandSize;

  /** Effective address size in bytes: 2, 4 or 8. */
  public int addressSize;

  /** Prefixes, as bits of this class. */
  public int prefixes;

  /** REX.W, VEX.W or EVEX.W: 0 or 1. */
  public int wide;

  /** Segment of the memory operand: ES CS SS DS FS GS are 0-5. */
  public int segment;

  /** Base register, {@link #NO_REGISTER} or {@link #RIP}. */
  public int base;

  /** Index register or {@link #NO_REGISTER}; with VSIB a vector register. */
  public int index;

  /** Index scale as a shift: 0-3. */
  public int scale;

  /** Displacement, sign-extended; for offsets in the instruction, zero-extended. */
  public long displacement;

  /** First immediate, extended as the row says. */
  public long imm;

  /** Second immediate. */
  public long imm2;

  /** Vector length in bytes: 16, 32 or 64. */
  public int vectorLength;

  /** EVEX opmask register, 0 for none. */
  public int opmask;

  /** EVEX zeroing. */
  public boolean zeroing;

  /** EVEX.b: broadcast, rounding or suppress-all-exceptions, by form. */
  public boolean evexB;

  /** Embedded rounding mode (MXCSR.RC), or -1. */
  public int rounding;

  /** The ModRM byte, or 0. */
  public int modrm;

  /** Number of operands. */
  public int operandCount;

  /** Operand kinds. */
  public final OperandKind[] kind = new OperandKind[OPERANDS];

  /** Operand register numbers. */
  public final int[] register = new int[OPERANDS];

  /** Operand widths in bytes; of a broadcast, the element. 0 if the operand has none. */
  public final int[] width = new int[OPERANDS];

  /** {@return whether all given prefix bits are present} */
  public boolean has(int prefixBits) {
    return (prefixes & prefixBits) == prefixBits;
  }

  /** {@return whether F2 or F3 is present} */
  public boolean isRepeated() {
    return (prefixes & (REP | REPNE)) != 0;
  }

  /** {@return the number of the memory operand, or -1} */
  public int memoryOperand() {
    for (int i = 0; i < operandCount; i++) {
      if (kind[i] == OperandKind.MEMORY) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return row == null ? "(bad)" : Disassembler.text(this, 0);
  }
}
