// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One pass over one text, by recursive descent. */
final class JsonParser {
  private static final int MAX_DEPTH = 200;
  private static final char END = '\0';

  private final String text;
  private final String source;
  private int next;
  private int line = 1;
  private int lineStart;
  private int depth;

  JsonParser(String text, String source) {
    this.text = text;
    this.source = source;
  }

  JsonValue parseWhole() {
    JsonValue value = value();
    skipBlanks();
    if (next < text.length()) {
      throw expected("the end of the text");
    }
    return value;
  }

  private JsonValue value() {
    skipBlanks();
    JsonPosition at = here();
    return switch (peek()) {
      case '{' -> nested(this::object);
      case '[' -> nested(this::array);
      case '"' -> new JsonValue.JsonText(at, string());
      case 't' -> new JsonValue.JsonFlag(at, word("true"));
      case 'f' -> new JsonValue.JsonFlag(at, !word("false"));
      case 'n' -> {
        word("null");
        yield new JsonValue.JsonNull(at);
      }
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
          new JsonValue.JsonNumber(at, number());
      default -> throw expected("a value");
    };
  }

  private interface Rule {
    JsonValue parse(JsonPosition at);
  }

  private JsonValue nested(Rule rule) {
    JsonPosition at = here();
    if (++depth > MAX_DEPTH) {
      throw new JsonException(at, "nested deeper than " + MAX_DEPTH + " levels");
    }
    next++;
    skipBlanks();
    JsonValue value = rule.parse(at);
    depth--;
    return value;
  }

  private JsonValue object(JsonPosition at) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    if (!accept('}')) {
      do {
        skipBlanks();
        JsonPosition keyAt = here();
        if (peek() != '"') {
          throw expected("a key in double quotes");
        }
        String key = string();
        skipBlanks();
        require(':', "':' after the key \"" + key + "\"");
        if (members.put(key, value()) != null) {
          throw new JsonException(keyAt, "the key \"" + key + "\" stands twice");
        }
        skipBlanks();
      } while (accept(','));
      require('}', "',' or '}'");
    }
    return new JsonValue.JsonObject(at, Collections.unmodifiableMap(members));
  }

  private JsonValue array(JsonPosition at) {
    List<JsonValue> items = new ArrayList<>();
    if (!accept(']')) {
      do {
        items.add(value());
        skipBlanks();
      } while (accept(','));
      require(']', "',' or ']'");
    }
    return new JsonValue.JsonArray(at, Collections.unmodifiableList(items));
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    next++;
    while (true) {
      char c = peek();
      if (next >= text.length() || c == '\n') {
        throw expected("'\"' at the end of the string");
      }
      if (c < 0x20) {
        throw new JsonException(
            here(),
            "a control character in a string: write it as \\u00" + String.format("%02x", (int) c));
      }
      next++;
      if (c == '"') {
        return out.toString();
      }
      out.append(c == '\\' ? escape() : c);
    }
  }

  private char escape() {
    char c = peek();
    next++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int value = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(peek(), 16);
          if (digit < 0) {
            throw expected("four hexadecimal digits after \\u");
          }
          value = value << 4 | digit;
          next++;
        }
        yield (char) value;
      }
      default -> {
        next--;
        throw expected("one of \" \\ / b f n r t u after a backslash");
      }
    };
  }

  private BigDecimal number() {
    int start = next;
    accept('-');
    if (!accept('0')) {
      digits();
    }
    if (accept('.')) {
      digits();
    }
    if (accept('e') || accept('E')) {
      if (!accept('+')) {
        accept('-');
      }
      digits();
    }
    if (Character.isLetterOrDigit(peek())) {
      throw expected("the end of the number (hexadecimal goes into a string: \"0x10\")");
    }
    try {
      return new BigDecimal(text.substring(start, next));
    } catch (NumberFormatException e) {
      throw new JsonException(here(), "the number is too large");
    }
  }

  private void digits() {
    if (!isDigit(peek())) {
      throw expected("a digit");
    }
    while (isDigit(peek())) {
      next++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private boolean word(String word) {
    if (!text.startsWith(word, next)) {
      throw expected("a value");
    }
    next += word.length();
    return true;
  }

  private void skipBlanks() {
    while (next < text.length()) {
      char c = text.charAt(next);
      if (c == '\n') {
        next++;
        line++;
        lineStart = next;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        next++;
      } else if (text.startsWith("//", next)) {
        int end = text.indexOf('\n', next);
        next = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", next)) {
        skipBlockComment();
      } else {
        return;
      }
    }
  }

  private void skipBlockComment() {
    JsonPosition at = here();
    int end = text.indexOf("*/", next + 2);
    if (end < 0) {
      throw new JsonException(at, "the comment is never closed");
    }
    for (; next < end + 2; next++) {
      if (text.charAt(next) == '\n') {
        line++;
        lineStart = next + 1;
      }
    }
  }

  private char peek() {
    return next < text.length() ? text.charAt(next) : END;
  }

  private boolean accept(char c) {
    if (next < text.length() && text.charAt(next) == c) {
      next++;
      return true;
    }
    return false;
  }

  private void require(char c, String what) {
    if (!accept(c)) {
      throw expected(what);
    }
  }

  private JsonPosition here() {
    return new JsonPosition(source, line, next - lineStart + 1);
  }

  private JsonException expected(String what) {
    String found =
        next >= text.length()
            ? "the end of the text"
            : "'" + Character.toString(text.codePointAt(next)) + "'";
    return new JsonException(here(), "expected " + what + ", found " + found);
  }
}
