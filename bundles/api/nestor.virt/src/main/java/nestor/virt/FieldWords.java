// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

/** Bits of control structures in words, where both vendors' manuals have the same bits. */
public final class FieldWords {
  private static final String[] EXCEPTIONS = {
    "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9", "#TS", "#NP", "#SS", "#GP",
    "#PF", "15", "#MF", "#AC", "#MC", "#XM", "#VE", "#CP", "22", "23", "24", "25", "26", "27",
    "#HV", "#VC", "#SX", "31"
  };

  private static final String[] TYPES = {
    "interrupt", "type 1", "NMI", "exception", "INT", "INT1", "INT3 or INTO", "MTF"
  };

  private static final String[] CR0 =
      names(
          32, "0 PE", "1 MP", "2 EM", "3 TS", "4 ET", "5 NE", "16 WP", "18 AM", "29 NW", "30 CD",
          "31 PG");

  private static final String[] CR4 =
      names(
          25,
          "0 VME",
          "1 PVI",
          "2 TSD",
          "3 DE",
          "4 PSE",
          "5 PAE",
          "6 MCE",
          "7 PGE",
          "8 PCE",
          "9 OSFXSR",
          "10 OSXMMEXCPT",
          "11 UMIP",
          "12 LA57",
          "13 VMXE",
          "14 SMXE",
          "16 FSGSBASE",
          "17 PCIDE",
          "18 OSXSAVE",
          "19 KL",
          "20 SMEP",
          "21 SMAP",
          "22 PKE",
          "23 CET",
          "24 PKS");

  private static final String[] EFER =
      names(16, "0 SCE", "8 LME", "10 LMA", "11 NXE", "12 SVME", "13 LMSLE", "14 FFXSR", "15 TCE");

  private static final String[] RFLAGS =
      names(
          22, "0 CF", "2 PF", "4 AF", "6 ZF", "7 SF", "8 TF", "9 IF", "10 DF", "11 OF", "14 NT",
          "16 RF", "17 VM", "18 AC", "19 VIF", "20 VIP", "21 ID");

  private FieldWords() {}

  /**
   * {@return a table of names by bit}
   *
   * @param rows number of the bit and its name, with a blank between
   */
  public static String[] names(int size, String... rows) {
    String[] table = new String[size];
    for (String row : rows) {
      int blank = row.indexOf(' ');
      table[Integer.parseInt(row.substring(0, blank))] = row.substring(blank + 1);
    }
    return table;
  }

  /** {@return the names of the bits that are set, the lowest first; unnamed ones by number} */
  public static String bits(long value, String... names) {
    StringBuilder text = new StringBuilder();
    for (long left = value; left != 0; left &= left - 1) {
      int bit = Long.numberOfTrailingZeros(left);
      boolean named = bit < names.length && names[bit] != null;
      text.append(text.isEmpty() ? "" : " ").append(named ? names[bit] : "bit" + bit);
    }
    return text.toString();
  }

  /** {@return the named bits that are set; reserved ones that must be 1 are not worth a word} */
  public static String namedBits(long value, String... names) {
    long named = 0;
    for (int bit = 0; bit < names.length; bit++) {
      named |= names[bit] == null ? 0 : 1L << bit;
    }
    return bits(value & named, names);
  }

  /** {@return CR0 in words} */
  public static String cr0(long value) {
    return bits(value, CR0);
  }

  /** {@return CR4 in words} */
  public static String cr4(long value) {
    return bits(value, CR4);
  }

  /** {@return EFER in words} */
  public static String efer(long value) {
    return bits(value, EFER);
  }

  /** {@return RFLAGS in words} */
  public static String rflags(long value) {
    String flags = bits(value & ~0x3002L, RFLAGS);
    return "IOPL=" + (value >>> 12 & 3) + (flags.isEmpty() ? "" : " " + flags);
  }

  /** {@return a bitmap of exceptions in words} */
  public static String exceptions(long bitmap) {
    return bits(bitmap, EXCEPTIONS);
  }

  /**
   * {@return an event word in words: vector in bits 7:0, type in 10:8, error code in 11, valid in
   * 31}
   */
  public static String event(long word) {
    if ((word >>> 31 & 1) == 0) {
      return "none";
    }
    int vector = (int) word & 0xFF;
    int type = (int) word >>> 8 & 7;
    return switch (type) {
      case 2 -> "NMI";
      case 3 -> vector < EXCEPTIONS.length ? EXCEPTIONS[vector] : "exception " + vector;
      default -> TYPES[type] + " 0x" + Integer.toHexString(vector);
    };
  }
}
