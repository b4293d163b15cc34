// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.function.ToLongFunction;

/** Reads numbers, characters, symbols, and sums, products, shifts and unions of them. */
final class AsmExpression {
  private final String text;
  private final ToLongFunction<String> symbols;
  private int at;

  private AsmExpression(String text, ToLongFunction<String> symbols) {
    this.text = text;
    this.symbols = symbols;
  }

  /**
   * {@return the value}
   *
   * @param symbols knows the names, "$" among them, and throws for others
   */
  static long value(String text, ToLongFunction<String> symbols) {
    AsmExpression expression = new AsmExpression(text, symbols);
    long value = expression.union();
    expression.blanks();
    if (expression.at < text.length()) {
      throw new IllegalArgumentException(
          "\"" + text.strip() + "\" goes wrong at \"" + text.substring(expression.at) + "\"");
    }
    return value;
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean take(String word) {
    blanks();
    if (text.startsWith(word, at)) {
      at += word.length();
      return true;
    }
    return false;
  }

  private long union() {
    long value = shift();
    while (take("|")) {
      value |= shift();
    }
    return value;
  }

  private long shift() {
    long value = sum();
    while (true) {
      if (take("<<")) {
        value <<= sum();
      } else if (take(">>")) {
        value >>>= sum();
      } else {
        return value;
      }
    }
  }

  private long sum() {
    long value = product();
    while (true) {
      if (take("+")) {
        value += product();
      } else if (take("-")) {
        value -= product();
      } else {
        return value;
      }
    }
  }

  private long product() {
    long value = term();
    while (take("*")) {
      value *= term();
    }
    return value;
  }

  private long term() {
    if (take("-")) {
      return -term();
    }
    if (take("(")) {
      long value = union();
      if (!take(")")) {
        throw new IllegalArgumentException("a bracket is never closed: " + text.strip());
      }
      return value;
    }
    blanks();
    if (at + 2 < text.length() && text.charAt(at) == '\'' && text.charAt(at + 2) == '\'') {
      at += 3;
      return text.charAt(at - 2);
    }
    int start = at;
    while (at < text.length() && isPartOfWord(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    if (word.isEmpty()) {
      throw new IllegalArgumentException("a number or name is missing in \"" + text.strip() + "\"");
    }
    return Character.isDigit(word.charAt(0)) ? number(word) : symbols.applyAsLong(word);
  }

  private static boolean isPartOfWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
  }

  private static long number(String word) {
    String digits = word.replace("_", "");
    try {
      return digits.startsWith("0x") || digits.startsWith("0X")
          ? Long.parseUnsignedLong(digits.substring(2), 16)
          : Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"" + word + "\" is no number", e);
    }
  }
}
