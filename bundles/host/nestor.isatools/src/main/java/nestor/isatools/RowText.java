// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.util.Locale;
import java.util.stream.Collectors;
import nestor.isa.OperandSpec;
import nestor.isa.Row;
import nestor.isa.RowAttribute;

/** Rows of the instruction table in words. */
final class RowText {
  private static final String FLAG_LETTERS = "OSZAPCDIT";
  private static final int[] FLAG_BITS = {0x800, 0x80, 0x40, 0x10, 0x04, 0x01, 0x400, 0x200, 0x100};

  private RowText() {}

  static String line(Row row) {
    String operands =
        row.operands.stream().map(OperandSpec::notation).collect(Collectors.joining(","));
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%-12s %-30s %-14s %-14s",
            row.mnemonic.name().toLowerCase(Locale.ROOT),
            row.encoding,
            operands,
            row.feature.equals("-") ? "" : row.feature));
    flags(out, "reads", row.flagsRead);
    flags(out, "writes", row.flagsWritten);
    flags(out, "undefined", row.flagsUndefined);
    note(out, row.has(RowAttribute.NOT64), "not in 64-bit mode");
    note(out, row.has(RowAttribute.ONLY64), "64-bit mode only");
    note(out, row.has(RowAttribute.CPL0), "CPL 0");
    note(out, row.has(RowAttribute.LOCK), "LOCK");
    note(out, row.has(RowAttribute.TODO), "not implemented: #UD");
    return out.toString().stripTrailing();
  }

  private static void flags(StringBuilder out, String verb, int bits) {
    if (bits != 0) {
      out.append(' ').append(verb).append(' ');
      for (int n = 0; n < FLAG_BITS.length; n++) {
        if ((bits & FLAG_BITS[n]) != 0) {
          out.append(FLAG_LETTERS.charAt(n));
        }
      }
    }
  }

  private static void note(StringBuilder out, boolean applies, String text) {
    if (applies) {
      out.append(" [").append(text).append(']');
    }
  }
}
