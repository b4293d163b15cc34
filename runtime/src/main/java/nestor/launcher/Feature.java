// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nestor.api.json.Json;
import nestor.api.json.JsonException;
import nestor.api.json.JsonValue;
import nestor.api.json.JsonValue.JsonObject;
import nestor.api.json.JsonValue.JsonText;

/**
 * One file of {@code features/}: the bundles that serve one purpose, in the JSON form of OSGi
 * Compendium 8, chapter 159, "Feature Service Specification".
 *
 * <p>Read are {@code feature-resource-version}, {@code id}, {@code name}, {@code description} and
 * {@code bundles}; any other key is refused rather than passed over. A bundle is its id as a
 * string, or an object with {@code id} and {@code start-level}. A level of 0 installs without
 * starting.
 *
 * @param bundles in the order of the file
 */
record Feature(List<Entry> bundles) {

  private static final int DEFAULT_START_LEVEL = 5;

  /**
   * One bundle of a feature.
   *
   * @param id group, artifact and version, with a colon between them
   * @param startLevel when to start it, 0 for not at all
   */
  record Entry(String id, int startLevel) {
    String artifact() {
      return id.split(":", -1)[1];
    }
  }

  /** Reads {@code features/NAME.json}; {@code ${nestor.version}} in it is the tree's version. */
  static Feature read(Path home, String name, String version) throws IOException {
    Path file = home.resolve("features").resolve(name + ".json");
    if (!Files.exists(file)) {
      throw new IOException("there is no feature '" + name + "': " + file + " is missing");
    }
    JsonObject root = Json.parse(file).asObject();
    List<Entry> bundles = new ArrayList<>();
    for (Map.Entry<String, JsonValue> member : root.members().entrySet()) {
      switch (member.getKey()) {
        case "feature-resource-version", "id", "name", "description" -> member.getValue().asText();
        case "bundles" -> {
          for (JsonValue item : member.getValue().asItems()) {
            bundles.add(entry(item, version));
          }
        }
        default ->
            throw new JsonException(
                member.getValue().at(), "unknown key \"" + member.getKey() + "\" in a feature");
      }
    }
    return new Feature(bundles);
  }

  private static Entry entry(JsonValue item, String version) {
    if (item instanceof JsonText text) {
      return new Entry(id(text, version), DEFAULT_START_LEVEL);
    }
    JsonObject object = item.asObject();
    int level = DEFAULT_START_LEVEL;
    String id = null;
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      switch (member.getKey()) {
        case "id" -> id = id(member.getValue(), version);
        case "start-level" -> level = (int) member.getValue().asLong();
        default ->
            throw new JsonException(
                member.getValue().at(),
                "unknown key \"" + member.getKey() + "\" of a bundle: expected id or start-level");
      }
    }
    if (id == null) {
      throw new JsonException(object.at(), "a bundle needs an id");
    }
    return new Entry(id, level);
  }

  private static String id(JsonValue value, String version) {
    String id = value.asText().replace("${nestor.version}", version);
    if (id.chars().filter(c -> c == ':').count() != 2) {
      throw new JsonException(value.at(), "expected group:artifact:version, found \"" + id + "\"");
    }
    return id;
  }
}
