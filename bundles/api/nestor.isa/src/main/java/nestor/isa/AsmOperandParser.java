// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import nestor.isa.AsmOperand.Kind;

/** Reads operands in the form in which {@link Disassembler} writes them. */
final class AsmOperandParser {
  private static final Map<String, Integer> WIDTHS =
      Map.of(
          "byte", 1, "word", 2, "dword", 4, "qword", 8, "tbyte", 10, "xmmword", 16, "ymmword", 32,
          "zmmword", 64);
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final Map<String, AsmOperand> REGISTERS = registers();

  private final ToLongFunction<String> symbols;

  AsmOperandParser(ToLongFunction<String> symbols) {
    this.symbols = symbols;
  }

  private static Map<String, AsmOperand> registers() {
    Map<String, AsmOperand> all = new HashMap<>();
    for (int n = 0; n < 16; n++) {
      for (int width = 1; width <= 8; width *= 2) {
        put(all, Disassembler.register(n, width), Kind.REGISTER, n, width);
      }
      put(all, "cr" + n, Kind.CONTROL, n, 0);
      put(all, "dr" + n, Kind.DEBUG, n, 0);
    }
    String[] high = {"ah", "ch", "dh", "bh"};
    for (int n = 0; n < high.length; n++) {
      put(all, high[n], Kind.HIGH_REGISTER, n, 1);
    }
    for (int n = 0; n < SEGMENTS.length; n++) {
      put(all, SEGMENTS[n], Kind.SEGMENT, n, 0);
    }
    for (int n = 0; n < 8; n++) {
      put(all, "st(" + n + ")", Kind.ST, n, 0);
      put(all, "mm" + n, Kind.MMX, n, 0);
      put(all, "k" + n, Kind.OPMASK, n, 0);
    }
    for (int n = 0; n < 32; n++) {
      put(all, "xmm" + n, Kind.VECTOR, n, 16);
      put(all, "ymm" + n, Kind.VECTOR, n, 32);
      put(all, "zmm" + n, Kind.VECTOR, n, 64);
    }
    return all;
  }

  private static void put(Map<String, AsmOperand> all, String name, Kind kind, int n, int width) {
    all.put(name, AsmOperand.register(kind, n, width));
  }

  AsmOperand parse(String operand) {
    String text = operand.strip();
    AsmOperand register = REGISTERS.get(text.toLowerCase(Locale.ROOT));
    if (register != null) {
      return register;
    }
    if (text.endsWith("]")) {
      return memory(text);
    }
    int colon = text.indexOf(':');
    if (colon > 0) {
      long selector = AsmExpression.value(text.substring(0, colon), symbols);
      long offset = AsmExpression.value(text.substring(colon + 1), symbols);
      return new AsmOperand(Kind.FAR, 0, 0, offset, selector, null);
    }
    return AsmOperand.number(AsmExpression.value(text, symbols));
  }

  private AsmOperand memory(String text) {
    int open = text.indexOf('[');
    if (open < 0) {
      throw new IllegalArgumentException("\"" + text + "\" has no opening bracket");
    }
    String before = text.substring(0, open).strip().toLowerCase(Locale.ROOT);
    int width = 0;
    int segment = -1;
    if (before.endsWith(":")) {
      int start = before.lastIndexOf(' ') + 1;
      segment = segment(before.substring(start, before.length() - 1));
      before = before.substring(0, start).strip();
    }
    if (!before.isEmpty()) {
      Integer size = WIDTHS.get(before.replaceFirst("\\s+ptr$", ""));
      if (size == null) {
        throw new IllegalArgumentException("\"" + before + "\" is no size of memory");
      }
      width = size;
    }
    return address(text.substring(open + 1, text.length() - 1), width, segment);
  }

  private static int segment(String name) {
    for (int n = 0; n < SEGMENTS.length; n++) {
      if (SEGMENTS[n].equals(name)) {
        return n;
      }
    }
    throw new IllegalArgumentException("\"" + name + "\" is no segment register");
  }

  private AsmOperand address(String inside, int width, int segment) {
    int base = Insn.NO_REGISTER;
    int index = Insn.NO_REGISTER;
    int scale = 0;
    int addressSize = 0;
    StringBuilder rest = new StringBuilder();
    for (String part : inside.split("(?=[+-])")) {
      String term = part.strip();
      String word = term.startsWith("+") ? term.substring(1).strip() : term;
      String[] factors = word.toLowerCase(Locale.ROOT).split("\\*");
      AsmOperand register = REGISTERS.get(factors[0].strip());
      if (word.equalsIgnoreCase("rip")) {
        base = Insn.RIP;
      } else if (register == null || register.kind() != Kind.REGISTER) {
        rest.append(term);
      } else {
        addressSize = register.width();
        if (factors.length == 1 && base == Insn.NO_REGISTER) {
          base = register.register();
        } else {
          index = register.register();
          int factor = factors.length == 1 ? 1 : Integer.parseInt(factors[1].strip());
          scale = Integer.numberOfTrailingZeros(factor);
        }
      }
    }
    if (index == 4 && scale == 0) { // rSP is no index, but it may be the base
      index = base;
      base = 4;
    }
    String sum = rest.toString();
    long displacement = sum.isBlank() ? 0 : AsmExpression.value(plain(sum), symbols);
    return new AsmOperand(
        Kind.MEMORY,
        0,
        width,
        displacement,
        0,
        new AsmOperand.Memory(segment, base, index, scale, addressSize));
  }

  private static String plain(String sum) {
    return sum.startsWith("+") ? sum.substring(1) : sum;
  }
}
