// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.Iterator;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.json.JsonValue;

/** Writes JSON as a person would: objects one member a line, unless they are short. */
final class PrettyJson {
  private static final int SHORT = 80;

  private PrettyJson() {}

  static String write(JsonValue value) {
    StringBuilder out = new StringBuilder();
    write(value, 0, out);
    return out.append('\n').toString();
  }

  private static void write(JsonValue value, int depth, StringBuilder out) {
    String line = Json.write(value);
    if (!(value instanceof JsonValue.JsonObject object)
        || depth > 0 && 2 * depth + line.length() <= SHORT) {
      out.append(line);
      return;
    }
    out.append("{\n");
    for (Iterator<Map.Entry<String, JsonValue>> i = object.members().entrySet().iterator();
        i.hasNext(); ) {
      Map.Entry<String, JsonValue> member = i.next();
      out.repeat("  ", depth + 1).append(Json.write(member.getKey())).append(": ");
      write(member.getValue(), depth + 1, out);
      out.append(i.hasNext() ? ",\n" : "\n");
    }
    out.repeat("  ", depth).append('}');
  }
}
