// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;

/** Reads and writes JSON (RFC 8259). Safe for any thread. */
public final class Json {
  private Json() {}

  /**
   * {@return the value that {@code text} holds}
   *
   * @param source what to call the text in errors, such as its file name
   * @throws JsonException if the text is not exactly one JSON value
   */
  public static JsonValue parse(String text, String source) {
    return new JsonParser(text, source).parseWhole();
  }

  /**
   * {@return the value that a file of UTF-8 text holds}
   *
   * @throws JsonException if the file is not exactly one JSON value
   * @throws IOException if the file cannot be read
   */
  public static JsonValue parse(Path file) throws IOException {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (CharacterCodingException e) {
      throw new JsonException(
          new JsonPosition(file.toString(), 1, 1), "the file is not UTF-8 text");
    }
  }

  /**
   * {@return one line of JSON}
   *
   * @param value a {@link JsonValue}, or a map with string keys, a list or other iterable, a
   *     string, a number, a boolean or null; anything else is written as the string it prints as
   */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    switch (value) {
      case null -> out.append("null");
      case JsonValue.JsonNull _ -> out.append("null");
      case JsonValue.JsonObject o -> write(o.members(), out);
      case JsonValue.JsonArray a -> write(a.items(), out);
      case JsonValue.JsonText t -> quote(t.value(), out);
      case JsonValue.JsonNumber n -> out.append(n.value());
      case JsonValue.JsonFlag f -> out.append(f.value());
      case Double d when !Double.isFinite(d) -> out.append("null"); // JSON has no word for these
      case Number n -> out.append(n);
      case Boolean b -> out.append(b);
      case Map<?, ?> map -> {
        String comma = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          quote(String.valueOf(entry.getKey()), out.append(comma));
          write(entry.getValue(), out.append(": "));
          comma = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case Iterable<?> items -> {
        out.append('[');
        for (Iterator<?> i = items.iterator(); i.hasNext(); ) {
          write(i.next(), out);
          out.append(i.hasNext() ? ", " : "");
        }
        out.append(']');
      }
      default -> quote(value.toString(), out);
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || Character.isSurrogate(c)) {
            out.append("\\u").append(String.format("%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
