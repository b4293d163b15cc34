// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes machine code from text, for small guests and for tests: every encoding comes from the
 * instruction table.
 *
 * <p>Instructions are written as {@link Disassembler} prints them. A line may begin with {@code
 * label:}; {@code name = expression} names a number; {@code ;} begins a comment. Directives: {@code
 * .code16 .code32 .code64 .byte .word .long .quad .ascii .asciz .space .align .org}. {@code $} is
 * the address of the statement. Branches and numbers take the shortest form that holds them.
 */
public final class Assembler {
  private static final int MOST_PASSES = 50;
  private static final Map<String, List<Row>> ROWS = rows();

  private final String[] lines;
  private final String source;
  private final long origin;
  private final Map<String, Long> symbols = new HashMap<>();
  private ByteArrayOutputStream out = new ByteArrayOutputStream();
  private boolean complete;
  private int mode;

  private Assembler(String text, String source, long origin) {
    this.lines = text.split("\n", -1);
    this.source = source;
    this.origin = origin;
  }

  private static Map<String, List<Row>> rows() {
    Map<String, List<Row>> rows = new HashMap<>();
    for (Row row : Isa.rows()) {
      String name = row.mnemonic.name().toLowerCase(Locale.ROOT);
      rows.computeIfAbsent(name, _ -> new ArrayList<>()).add(row);
    }
    return rows;
  }

  /** What came of a text. */
  public static final class Program {
    private final byte[] bytes;
    private final Map<String, Long> symbols;

    Program(byte[] bytes, Map<String, Long> symbols) {
      this.bytes = bytes;
      this.symbols = symbols;
    }

    /** {@return the code, the first byte of it at the origin} */
    public byte[] bytes() {
      return bytes.clone();
    }

    /** {@return the value of a label or named number} */
    public long symbol(String name) {
      Long value = symbols.get(name);
      if (value == null) {
        throw new IllegalArgumentException("nothing is called " + name);
      }
      return value;
    }
  }

  /**
   * {@return the program; 32-bit code unless the text says otherwise}
   *
   * @param source what to call the text in errors
   * @param origin address of the first byte
   * @throws IllegalArgumentException source, line, and what is wrong there
   */
  public static Program assemble(String text, String source, long origin) {
    return new Assembler(text, source, origin).assemble();
  }

  /** Passes over the text until no label moves any more. */
  private Program assemble() {
    for (int pass = 0; pass < MOST_PASSES; pass++) {
      Map<String, Long> before = Map.copyOf(symbols);
      complete = pass > 0;
      pass();
      if (complete && before.equals(symbols)) {
        return new Program(out.toByteArray(), before);
      }
    }
    throw new IllegalArgumentException(source + ": its labels do not come to rest");
  }

  private void pass() {
    out = new ByteArrayOutputStream();
    mode = 32;
    for (int number = 0; number < lines.length; number++) {
      try {
        line(withoutComment(lines[number]));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(source + ":" + (number + 1) + ": " + e.getMessage(), e);
      }
    }
  }

  private static String withoutComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote == 0 && c == ';') {
        return line.substring(0, i);
      }
      if (c == '"' || c == '\'') {
        quote = quote == 0 ? c : quote == c ? 0 : quote;
      }
    }
    return line;
  }

  private void line(String text) {
    String rest = text.strip();
    int colon = rest.indexOf(':');
    if (colon > 0
        && rest.substring(0, colon).matches("[A-Za-z_][A-Za-z0-9_]*")
        && !rest.substring(colon).matches(":\\s*\\[.*")) {
      symbols.put(rest.substring(0, colon), here());
      rest = rest.substring(colon + 1).strip();
    }
    if (rest.isEmpty()) {
      return;
    }
    if (rest.matches("[A-Za-z_][A-Za-z0-9_]*\\s*=[^=].*")) {
      int equals = rest.indexOf('=');
      symbols.put(rest.substring(0, equals).strip(), value(rest.substring(equals + 1)));
    } else if (rest.startsWith(".")) {
      directive(rest);
    } else {
      instruction(rest);
    }
  }

  private long here() {
    return origin + out.size();
  }

  private long value(String expression) {
    return AsmExpression.value(expression, this::symbol);
  }

  private long symbol(String name) {
    if (name.equals("$")) {
      return here();
    }
    Long value = symbols.get(name);
    if (value == null && complete) {
      throw new IllegalArgumentException("nothing is called " + name);
    }
    return value == null ? here() + (1 << 14) : value; // far away until it is known
  }

  private void directive(String text) {
    String[] words = text.split("\\s+", 2);
    String arguments = words.length > 1 ? words[1] : "";
    switch (words[0]) {
      case ".code16" -> mode = 16;
      case ".code32" -> mode = 32;
      case ".code64" -> mode = 64;
      case ".byte" -> numbers(arguments, 1);
      case ".word" -> numbers(arguments, 2);
      case ".long" -> numbers(arguments, 4);
      case ".quad" -> numbers(arguments, 8);
      case ".ascii" -> out.writeBytes(string(arguments));
      case ".asciz" -> {
        out.writeBytes(string(arguments));
        out.write(0);
      }
      case ".space" -> space(value(arguments));
      case ".align" -> space(-here() & value(arguments) - 1);
      case ".org" -> space(value(arguments) - here());
      default -> throw new IllegalArgumentException("there is no directive " + words[0]);
    }
  }

  private void space(long count) {
    if (count < 0 || count > 1 << 24) {
      throw new IllegalArgumentException("cannot leave " + count + " bytes free");
    }
    out.writeBytes(new byte[(int) count]);
  }

  private void numbers(String list, int bytes) {
    for (String item : split(list)) {
      long value = value(item);
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >> 8 * i));
      }
    }
  }

  private static byte[] string(String quoted) {
    String text = quoted.strip();
    if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
      throw new IllegalArgumentException("a text stands in double quotes, not " + text);
    }
    String inside = text.substring(1, text.length() - 1);
    return inside.replace("\\n", "\n").replace("\\r", "\r").getBytes(StandardCharsets.UTF_8);
  }

  /** Splits at commas that stand outside brackets and quotes. */
  private static List<String> split(String list) {
    return list.isBlank() ? List.of() : Arrays.asList(list.split(",(?![^\\[]*\\])(?!')"));
  }

  private void instruction(String text) {
    String rest = text;
    int prefixes = 0;
    String word = firstWord(rest);
    while (true) {
      int prefix =
          switch (word) {
            case "lock" -> Insn.LOCK;
            case "rep", "repe" -> Insn.REP;
            case "repne" -> Insn.REPNE;
            default -> 0;
          };
      if (prefix == 0) {
        break;
      }
      prefixes |= prefix;
      rest = rest.substring(word.length()).strip();
      word = firstWord(rest);
    }
    List<AsmOperand> operands = new ArrayList<>();
    AsmOperandParser parser = new AsmOperandParser(this::symbol);
    for (String operand : split(rest.substring(word.length()))) {
      operands.add(parser.parse(operand));
    }
    encode(text, word, prefixes, operands);
  }

  private static String firstWord(String text) {
    return text.split("\\s", 2)[0].toLowerCase(Locale.ROOT);
  }

  private void encode(String text, String word, int prefixes, List<AsmOperand> operands) {
    List<Row> rows = ROWS.get(word);
    int size = 0;
    if (rows == null && operands.isEmpty() && word.matches(".+[wdq]")) {
      size = 2 << "wdq".indexOf(word.charAt(word.length() - 1)); // such as IRETQ
      rows = ROWS.get(word.substring(0, word.length() - 1));
    }
    if (rows == null) {
      throw new IllegalArgumentException("there is no instruction " + word);
    }
    byte[] bytes = new AsmMatcher(mode, here(), prefixes, size, operands).shortest(rows);
    if (bytes == null) {
      throw new IllegalArgumentException(
          "no form of " + word + " takes that in " + mode + "-bit code: " + text);
    }
    out.writeBytes(bytes);
  }
}
