// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** One JSON value with its place in the text. Immutable. */
public sealed interface JsonValue {

  /** {@return where the value starts} */
  JsonPosition at();

  /** {@return the kind in words, such as {@code a string}, for error messages} */
  String kind();

  /**
   * An object. The members keep the order of the text.
   *
   * @param at where it starts
   * @param members by key
   */
  record JsonObject(JsonPosition at, Map<String, JsonValue> members) implements JsonValue {
    @Override
    public String kind() {
      return "an object";
    }

    /** {@return the member, or null if there is none} */
    public JsonValue get(String key) {
      return members.get(key);
    }
  }

  /**
   * An array.
   *
   * @param at where it starts
   * @param items in order
   */
  record JsonArray(JsonPosition at, List<JsonValue> items) implements JsonValue {
    @Override
    public String kind() {
      return "an array";
    }
  }

  /**
   * A string.
   *
   * @param at where it starts
   * @param value without quotes and escapes
   */
  record JsonText(JsonPosition at, String value) implements JsonValue {
    @Override
    public String kind() {
      return "a string";
    }
  }

  /**
   * A number.
   *
   * @param at where it starts
   * @param value exactly as written
   */
  record JsonNumber(JsonPosition at, BigDecimal value) implements JsonValue {
    @Override
    public String kind() {
      return "a number";
    }

    /**
     * {@return the value as an integer}
     *
     * @throws JsonException if it has a fraction or does not fit
     */
    @Override
    public long asLong() {
      try {
        return value.longValueExact();
      } catch (ArithmeticException e) {
        throw new JsonException(at, "expected a whole number of at most 64 bits, found " + value);
      }
    }
  }

  /**
   * {@code true} or {@code false}.
   *
   * @param at where it starts
   * @param value which of them
   */
  record JsonFlag(JsonPosition at, boolean value) implements JsonValue {
    @Override
    public String kind() {
      return "true or false";
    }
  }

  /**
   * {@code null}.
   *
   * @param at where it starts
   */
  record JsonNull(JsonPosition at) implements JsonValue {
    @Override
    public String kind() {
      return "null";
    }
  }

  /** {@return this value as an object, or an error that names the place} */
  default JsonObject asObject() {
    if (this instanceof JsonObject o) {
      return o;
    }
    throw wrong("an object");
  }

  /** {@return the items of this array, or an error that names the place} */
  default List<JsonValue> asItems() {
    if (this instanceof JsonArray a) {
      return a.items();
    }
    throw wrong("an array");
  }

  /** {@return this string, or an error that names the place} */
  default String asText() {
    if (this instanceof JsonText t) {
      return t.value();
    }
    throw wrong("a string");
  }

  /** {@return this flag, or an error that names the place} */
  default boolean asFlag() {
    if (this instanceof JsonFlag f) {
      return f.value();
    }
    throw wrong("true or false");
  }

  /** {@return this whole number, or an error that names the place} */
  default long asLong() {
    throw wrong("a number");
  }

  private JsonException wrong(String expected) {
    return new JsonException(at(), "expected " + expected + ", found " + kind());
  }
}
