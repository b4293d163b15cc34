// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import nestor.api.json.JsonValue;

/** Makes the paths in a profile absolute, before merging forgets which folder they start from. */
final class ProfilePaths {
  private static final String FILE = "file:";

  private ProfilePaths() {}

  static JsonValue absolute(JsonValue profile, Path folder) {
    JsonValue value = profile;
    for (String key : List.of("kernel", "initrd", "modules")) {
      value = member(value, "boot", boot -> member(boot, key, files -> files(files, folder)));
    }
    return member(value, "consoles", consoles -> consoles(consoles, folder));
  }

  /** A path, an object with a path as its file, or an array of those. */
  private static JsonValue files(JsonValue value, Path folder) {
    return switch (value) {
      case JsonValue.JsonText text ->
          new JsonValue.JsonText(text.at(), resolve(text.value(), folder));
      case JsonValue.JsonArray array -> {
        List<JsonValue> items = new ArrayList<>();
        for (JsonValue item : array.items()) {
          items.add(files(item, folder));
        }
        yield new JsonValue.JsonArray(array.at(), Collections.unmodifiableList(items));
      }
      case JsonValue.JsonObject object -> member(object, "file", file -> files(file, folder));
      default -> value;
    };
  }

  private static JsonValue consoles(JsonValue value, Path folder) {
    JsonValue result = value;
    if (value instanceof JsonValue.JsonObject object) {
      for (String key : object.members().keySet()) {
        result = member(result, key, end -> console(end, folder));
      }
    }
    return result;
  }

  private static JsonValue console(JsonValue value, Path folder) {
    return value instanceof JsonValue.JsonText text && text.value().startsWith(FILE)
        ? new JsonValue.JsonText(
            text.at(), FILE + resolve(text.value().substring(FILE.length()), folder))
        : value;
  }

  private static String resolve(String path, Path folder) {
    return path.isEmpty() ? path : folder.resolve(path).normalize().toString();
  }

  private static JsonValue member(JsonValue value, String key, UnaryOperator<JsonValue> change) {
    if (!(value instanceof JsonValue.JsonObject object) || object.get(key) == null) {
      return value;
    }
    Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
    members.computeIfPresent(key, (_, member) -> change.apply(member));
    return new JsonValue.JsonObject(object.at(), Collections.unmodifiableMap(members));
  }
}
