// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import nestor.isa.Family;
import nestor.isa.Row;
import nestor.isa.RowAttribute;

/**
 * Which RFLAGS bits an instruction leaves undefined for some operands: what its row says, and what
 * depends on the count of a shift.
 */
final class UndefinedFlags {
  private static final int CF = 0x001;
  private static final int OF = 0x800;

  private UndefinedFlags() {}

  static long of(Row row) {
    long undefined = row.flagsUndefined;
    if (isShift(row)) {
      undefined |= OF; // counts above 1
      switch (row.mnemonic) {
        case SHL, SAL, SHR -> undefined |= CF; // counts above the width
        case SHLD, SHRD -> undefined |= Unit.ARITHMETIC_FLAGS; // counts above 16
        default -> {}
      }
    }
    return undefined;
  }

  /** {@return flags that get a value whatever the operands are} */
  static long surelyWritten(Row row) {
    boolean mayRepeatNever = row.has(RowAttribute.REP_CONDITION);
    return isShift(row) || mayRepeatNever ? 0 : row.flagsWritten;
  }

  private static boolean isShift(Row row) {
    return row.family == Family.SHIFT_ROTATE && row.flagsWritten != 0;
  }
}
