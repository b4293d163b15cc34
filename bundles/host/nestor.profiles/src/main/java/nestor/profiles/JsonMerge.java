// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.json.JsonValue;

/** Lays one object over another. */
final class JsonMerge {
  private static final String TYPE = "type";

  /**
   * Values that are text whatever they look like, so that they need no quotes on a command line.
   */
  private static final List<String> TEXTS =
      List.of(
          "name",
          "description",
          "memory",
          "engine",
          "cpu.model",
          "clock.rtc",
          "clock.mode",
          "boot.guest",
          "boot.kernel",
          "boot.initrd",
          "boot.append",
          "boot.kind");

  private static final List<String> TEXT_FAMILIES = List.of("consoles.", "boot.env.");

  private JsonMerge() {}

  /**
   * {@return {@code base} with the members of {@code over}} Objects in both are merged; null takes
   * a member out; everything else replaces. A device of another type does not inherit parameters.
   */
  static JsonValue.JsonObject merge(JsonValue.JsonObject base, JsonValue.JsonObject over) {
    Map<String, JsonValue> members = new LinkedHashMap<>(base.members());
    over.members()
        .forEach(
            (key, value) -> {
              if (value instanceof JsonValue.JsonNull) {
                members.remove(key);
              } else if (value instanceof JsonValue.JsonObject o) {
                JsonValue.JsonObject under =
                    members.get(key) instanceof JsonValue.JsonObject below && isSameType(below, o)
                        ? below
                        : new JsonValue.JsonObject(o.at(), Map.of());
                members.put(key, merge(under, o));
              } else {
                members.put(key, value);
              }
            });
    return new JsonValue.JsonObject(over.at(), Collections.unmodifiableMap(members));
  }

  private static boolean isSameType(JsonValue.JsonObject base, JsonValue.JsonObject over) {
    return !(base.get(TYPE) instanceof JsonValue.JsonText below)
        || !(over.get(TYPE) instanceof JsonValue.JsonText above)
        || below.value().equals(above.value());
  }

  static JsonValue.JsonObject without(JsonValue.JsonObject object, Collection<String> keys) {
    Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
    members.keySet().removeAll(keys);
    return new JsonValue.JsonObject(object.at(), Collections.unmodifiableMap(members));
  }

  /** {@return the object with {@code PATH=VALUE} laid over it} */
  static JsonValue.JsonObject override(JsonValue.JsonObject object, String text) {
    JsonPosition at = new JsonPosition("--set " + text, 1, 1);
    int equals = text.indexOf('=');
    String path = equals < 0 ? text : text.substring(0, equals).strip();
    // A device's parameter may have dots in its own name.
    String[] parts = path.split("\\.", path.startsWith("devices.") ? 3 : -1);
    for (String part : parts) {
      if (part.isEmpty() || equals < 0) {
        throw new JsonException(at, "expected PATH=VALUE, such as devices.serial0.irq=4");
      }
    }
    JsonValue value = value(path, text.substring(equals + 1), at);
    for (int i = parts.length - 1; i >= 0; i--) {
      value = new JsonValue.JsonObject(at, Map.of(parts[i], value));
    }
    Path here = Path.of("").toAbsolutePath();
    return merge(object, ProfilePaths.absolute(value, here).asObject());
  }

  private static JsonValue value(String path, String text, JsonPosition at) {
    boolean isText = TEXTS.contains(path) || TEXT_FAMILIES.stream().anyMatch(path::startsWith);
    if (!isText || text.equals("null")) {
      try {
        return Json.parse(text, at.source());
      } catch (JsonException e) {
        if (text.startsWith("{") || text.startsWith("[")) {
          throw e;
        }
      }
    }
    return new JsonValue.JsonText(at, text);
  }
}
