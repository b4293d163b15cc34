// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import java.util.Map;
import nestor.isa.Family;
import nestor.isa.Isa;
import nestor.isa.Row;

/**
 * What a floating-point row does, as bits: an operation, its precision, packed or scalar. Taken
 * apart from the mnemonic once, so that the manuals' regular names need no table of eight per
 * operation.
 */
final class FloatOp {
  static final int ADD = 1;
  static final int SUB = 2;
  static final int MUL = 3;
  static final int DIV = 4;
  static final int MIN = 5;
  static final int MAX = 6;
  static final int CMP = 7;

  /** From here to {@link #LAST_UNARY}: one source, the last operand. */
  static final int SQRT = 8;

  static final int ROUND = 9;
  static final int RCP = 10;
  static final int RSQRT = 11;
  static final int RCP14 = 12;
  static final int RSQRT14 = 13;
  static final int GETEXP = 14;
  static final int GETMANT = 15;
  static final int RNDSCALE = 16;
  static final int REDUCE = 17;
  static final int FPCLASS = 18;
  static final int LAST_UNARY = FPCLASS;

  static final int SCALEF = 19;
  static final int RANGE = 20;
  static final int FIXUPIMM = 21;
  static final int ADDSUB = 22;
  static final int HADD = 23;
  static final int HSUB = 24;
  static final int DP = 25;
  static final int COMI = 26;
  static final int UCOMI = 27;
  static final int FMA = 28;

  /** The bits of the operation. */
  static final int OPERATION = 0xFF;

  /** Elements are double precision. */
  static final int DOUBLE = 1 << 8;

  /** One element only. */
  static final int SCALAR = 1 << 9;

  /** FMA: 0 for 132, 1 for 213, 2 for 231. */
  static final int ORDER_SHIFT = 10;

  /** FMA, even elements: bit 0 negates the product, bit 1 the addend. */
  static final int EVEN_SHIFT = 12;

  /** FMA, odd elements. */
  static final int ODD_SHIFT = 14;

  private static final Map<String, Integer> STEMS =
      Map.ofEntries(
          Map.entry("ADD", ADD),
          Map.entry("SUB", SUB),
          Map.entry("MUL", MUL),
          Map.entry("DIV", DIV),
          Map.entry("MIN", MIN),
          Map.entry("MAX", MAX),
          Map.entry("CMP", CMP),
          Map.entry("SQRT", SQRT),
          Map.entry("ROUND", ROUND),
          Map.entry("RCP", RCP),
          Map.entry("RSQRT", RSQRT),
          Map.entry("RCP14", RCP14),
          Map.entry("RSQRT14", RSQRT14),
          Map.entry("GETEXP", GETEXP),
          Map.entry("GETMANT", GETMANT),
          Map.entry("RNDSCALE", RNDSCALE),
          Map.entry("REDUCE", REDUCE),
          Map.entry("FPCLASS", FPCLASS),
          Map.entry("SCALEF", SCALEF),
          Map.entry("RANGE", RANGE),
          Map.entry("FIXUPIMM", FIXUPIMM),
          Map.entry("ADDSUB", ADDSUB),
          Map.entry("HADD", HADD),
          Map.entry("HSUB", HSUB),
          Map.entry("DP", DP),
          Map.entry("COMI", COMI),
          Map.entry("UCOMI", UCOMI));

  /** Negations of even, then odd elements. */
  private static final Map<String, Integer> FUSED =
      Map.of(
          "FMADD",
          0,
          "FMSUB",
          2 << EVEN_SHIFT | 2 << ODD_SHIFT,
          "FNMADD",
          1 << EVEN_SHIFT | 1 << ODD_SHIFT,
          "FNMSUB",
          3 << EVEN_SHIFT | 3 << ODD_SHIFT,
          "FMADDSUB",
          2 << EVEN_SHIFT,
          "FMSUBADD",
          2 << ODD_SHIFT);

  private static final int[] BY_ROW = new int[Isa.rows().size()];

  static {
    for (Row row : Isa.rows()) {
      if (row.family == Family.SSE_FLOAT
          || row.family == Family.FMA
          || row.family == Family.AVX512_FLOAT) {
        BY_ROW[row.index] = parse(row.mnemonic.name());
      }
    }
  }

  private FloatOp() {}

  /** {@return the bits of a row} */
  static int of(Row row) {
    return BY_ROW[row.index];
  }

  private static int parse(String mnemonic) {
    String name = mnemonic.startsWith("V") ? mnemonic.substring(1) : mnemonic;
    int end = name.length() - 2;
    int form =
        switch (name.substring(end)) {
          case "PS" -> 0;
          case "PD" -> DOUBLE;
          case "SS" -> SCALAR;
          case "SD" -> SCALAR | DOUBLE;
          default -> throw new IllegalStateException(mnemonic + " names no precision");
        };
    String stem = name.substring(0, end);
    Integer plain = STEMS.get(stem);
    if (plain != null) {
      return plain | form;
    }
    String order = stem.substring(stem.length() - 3);
    int number =
        switch (order) {
          case "132" -> 0;
          case "213" -> 1;
          case "231" -> 2;
          default -> throw new IllegalStateException(mnemonic + " is no known operation");
        };
    return FMA | form | number << ORDER_SHIFT | FUSED.get(stem.substring(0, stem.length() - 3));
  }
}
