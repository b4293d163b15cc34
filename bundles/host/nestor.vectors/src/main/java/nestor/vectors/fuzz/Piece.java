// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import nestor.isa.Encoder;
import nestor.isa.Form;
import nestor.isa.Row;

/** One instruction of a unit, which may need to know where it and its target lie. */
final class Piece {
  /** What is not known before the program is laid out. */
  enum Open {
    /** Nothing. */
    NOTHING,
    /** The displacement of a RIP-relative operand. */
    RIP_RELATIVE,
    /** A branch displacement to the unit's target. */
    BRANCH,
    /** A 32-bit immediate at the end: the address of the unit's target. */
    ADDRESS
  }

  private static final int SHORT_BRANCH_BYTES = 4;

  final Row row;
  private final Form form;
  private final Open open;
  private final long data;
  private byte[] code;

  private Piece(Row row, Form form, byte[] code, Open open, long data) {
    this.row = row;
    this.form = form;
    this.code = code;
    this.open = open;
    this.data = data;
  }

  /** {@return an instruction that no row is held for: it prepares another} */
  static Piece preparing(byte[] code) {
    return new Piece(null, null, code, Open.NOTHING, 0);
  }

  /** {@return a preparing instruction that ends in the address of the unit's target} */
  static Piece addressOfTarget(byte[] code) {
    return new Piece(null, null, code, Open.ADDRESS, 0);
  }

  /** {@return an instruction of a row, or null if the form does not exist} */
  static Piece of(Row row, Form form, Open open, long data) {
    try {
      return new Piece(row, form, Encoder.encode(row, form), open, data);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  int length() {
    return code.length;
  }

  /** {@return whether the unit's target must lie within 127 bytes} */
  boolean isShortBranch() {
    return open == Open.BRANCH && code.length <= SHORT_BRANCH_BYTES;
  }

  byte[] code(long at, long target) {
    switch (open) {
      case NOTHING -> {}
      case RIP_RELATIVE -> {
        form.displacement = data - at - code.length;
        code = Encoder.encode(row, form);
      }
      case BRANCH -> {
        form.imm = target - at - code.length;
        code = Encoder.encode(row, form);
      }
      case ADDRESS -> {
        for (int n = 0; n < 4; n++) {
          code[code.length - 4 + n] = (byte) (target >> 8 * n);
        }
      }
    }
    return code;
  }
}
