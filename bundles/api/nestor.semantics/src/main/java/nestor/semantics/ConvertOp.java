// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import java.util.Map;
import nestor.isa.Family;
import nestor.isa.Insn;
import nestor.isa.Isa;
import nestor.isa.Row;

/**
 * What a conversion row converts, as bits: the types of source and destination elements, whether it
 * truncates, packed or scalar. Taken apart from the mnemonic once.
 */
final class ConvertOp {
  static final int I32 = 0;
  static final int I64 = 1;
  static final int U32 = 2;
  static final int U64 = 3;
  static final int F32 = 4;
  static final int F64 = 5;
  static final int F16 = 6;

  private static final int TO_SHIFT = 4;
  private static final int TYPE = 7;

  /** Bits of {@link #pair}: source and destination type. */
  private static final int PAIR = 0x7F;

  static final int TRUNCATE = 1 << 8;
  static final int SCALAR = 1 << 9;

  /** Type and, for scalars, {@link #SCALAR}; SI and USI become 64 bits wide by the operand. */
  private static final Map<String, Integer> TYPES =
      Map.ofEntries(
          Map.entry("DQ", I32),
          Map.entry("PI", I32),
          Map.entry("SI", I32 | SCALAR),
          Map.entry("QQ", I64),
          Map.entry("UDQ", U32),
          Map.entry("USI", U32 | SCALAR),
          Map.entry("UQQ", U64),
          Map.entry("PS", F32),
          Map.entry("SS", F32 | SCALAR),
          Map.entry("PD", F64),
          Map.entry("SD", F64 | SCALAR),
          Map.entry("PH", F16));

  private static final int[] BY_ROW = new int[Isa.rows().size()];

  static {
    for (Row row : Isa.rows()) {
      if (row.family == Family.SSE_CONVERT) {
        BY_ROW[row.index] = parse(row.mnemonic.name());
      }
    }
  }

  private ConvertOp() {}

  private static int parse(String mnemonic) {
    String name = mnemonic.substring(mnemonic.indexOf("CVT") + 3);
    int truncate = name.startsWith("T") ? TRUNCATE : 0;
    int two = name.indexOf('2');
    Integer from = TYPES.get(name.substring(truncate == 0 ? 0 : 1, two));
    Integer to = TYPES.get(name.substring(two + 1));
    if (from == null || to == null) {
      throw new IllegalStateException(mnemonic + " converts unknown types");
    }
    return (from & TYPE) | (to & TYPE) << TO_SHIFT | truncate | (from & SCALAR);
  }

  /** {@return the bits of a decoded instruction} */
  static int of(Insn i) {
    int op = BY_ROW[i.row.index];
    if ((op & SCALAR) == 0) {
      return op;
    }
    int last = i.operandCount - 1;
    if (from(op) < F32) {
      return i.width[last] == 8 ? op | I64 : op;
    }
    return to(op) < F32 && i.width[0] == 8 ? op | I64 << TO_SHIFT : op;
  }

  /** {@return source and destination type, as {@link #pair} gives it} */
  static int pair(int op) {
    return op & PAIR;
  }

  static int pair(int from, int to) {
    return from | to << TO_SHIFT;
  }

  static int from(int op) {
    return op & TYPE;
  }

  static int to(int op) {
    return op >> TO_SHIFT & TYPE;
  }

  /** {@return bytes of an element} */
  static int size(int type) {
    return type == F16 ? 2 : type == F32 || type == I32 || type == U32 ? 4 : 8;
  }
}
