// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.Arrays;

/**
 * The choices that make bytes of a {@link Row}: mode, sizes, registers, memory operand, immediates.
 *
 * <p>Register numbers and sizes mean what they mean in {@link Insn}. Belongs to whoever fills it;
 * {@link #clear} makes it as new.
 */
public final class Form {
  /** Code size: 16, 32 or 64. */
  public int mode = 64;

  /** Operand size in bytes, or 0 for the one that costs no prefix. */
  public int operandSize;

  /** Address size in bytes, or 0 for that of the mode. */
  public int addressSize;

  /** {@link Insn#LOCK}, {@link Insn#REP}, {@link Insn#REPNE} that are not part of the opcode. */
  public int prefixes;

  /** Segment override, 0-5, or -1. */
  public int segment = -1;

  /** Whether the ModRM operand is memory. */
  public boolean memory;

  /** Base register, {@link Insn#NO_REGISTER} or {@link Insn#RIP}. */
  public int base = Insn.NO_REGISTER;

  /** Index register or {@link Insn#NO_REGISTER}. */
  public int index = Insn.NO_REGISTER;

  /** Index scale as a shift: 0-3. */
  public int scale;

  /** Displacement, or the address of an offset operand. */
  public long displacement;

  /** Whether the displacement takes its longest form although a shorter one holds it. */
  public boolean longDisplacement;

  /** Register numbers by operand; for AH, CH, DH, BH 0-3 with {@link #high}. */
  public final int[] register = new int[Insn.OPERANDS];

  /** Whether a byte register is AH, CH, DH or BH, by operand. */
  public final boolean[] high = new boolean[Insn.OPERANDS];

  /** ModRM.reg where no operand and no opcode extension claims it. */
  public int extension;

  /** First immediate, branch displacement or far offset. */
  public long imm;

  /** Second immediate or far selector. */
  public long imm2;

  /** Vector length in bytes, or 0 for the shortest that the row has. */
  public int vectorLength;

  /** EVEX opmask register, 0 for none. */
  public int opmask;

  /** EVEX zeroing. */
  public boolean zeroing;

  /** EVEX.b: broadcast with memory, rounding or suppress-all-exceptions with registers. */
  public boolean evexB;

  /** Embedded rounding mode, 0-3. */
  public int rounding;

  /** Makes everything as in a new form, except the mode. */
  public void clear() {
    operandSize = addressSize = prefixes = scale = extension = 0;
    vectorLength = opmask = rounding = 0;
    segment = -1;
    base = index = Insn.NO_REGISTER;
    memory = longDisplacement = zeroing = evexB = false;
    displacement = imm = imm2 = 0;
    Arrays.fill(register, 0);
    Arrays.fill(high, false);
  }
}
