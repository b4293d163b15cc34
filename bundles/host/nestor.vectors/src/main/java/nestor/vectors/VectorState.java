// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import nestor.api.json.JsonValue;
import nestor.api.json.JsonValue.JsonObject;

/**
 * The registers and memory that a vector names, as a difference against another state.
 *
 * @param members the JSON object {@code in} or {@code out}; all numbers are hexadecimal
 */
record VectorState(JsonObject members) {

  boolean has(String key) {
    return members.get(key) != null;
  }

  long number(String key, long otherwise) {
    return has(key) ? hex(members.get(key)) : otherwise;
  }

  /** {@return the members of the object {@code key}, or none} */
  Map<String, JsonValue> registers(String key) {
    return has(key) ? members.get(key).asObject().members() : Map.of();
  }

  /** {@return pairs of an offset into the data window and bytes} */
  List<JsonValue> memory() {
    return has("m") ? members.get("m").asItems() : List.of();
  }

  static int offset(JsonValue range) {
    return (int) range.asItems().get(0).asLong();
  }

  static byte[] bytes(JsonValue range) {
    return bytesOf(range.asItems().get(1));
  }

  static byte[] bytesOf(JsonValue text) {
    return HexFormat.of().parseHex(text.asText());
  }

  static long hex(JsonValue text) {
    return Long.parseUnsignedLong(text.asText(), 16);
  }
}
