// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nestor.api.command.FileTrouble;
import nestor.api.command.NearestWord;
import nestor.api.json.Json;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.json.JsonValue;

/** Finds the texts of profiles and merges what they include. */
final class ProfileText {
  /** The profiles in this bundle. */
  static final List<String> SHIPPED =
      List.of(
          "linux",
          "nested-amd",
          "nested-amd-qemu",
          "nested-intel",
          "nested-intel-qemu",
          "pc",
          "tiny");

  private static final String ENDING = ".json";
  private static final String INCLUDE = "include";

  /** What belongs to the including text alone. */
  private static final List<String> NOT_INHERITED = List.of("name", "description");

  private ProfileText() {}

  /** A merged text and the name that it has if it does not give one itself. */
  record Loaded(String name, JsonValue.JsonObject object) {}

  static Loaded load(String nameOrPath) {
    if (SHIPPED.contains(nameOrPath)) {
      return new Loaded(nameOrPath, shipped(nameOrPath, List.of(), JsonPosition.whole(nameOrPath)));
    }
    Path path = Path.of(nameOrPath);
    if (Files.exists(path) || isPath(nameOrPath)) {
      String file = String.valueOf(path.getFileName());
      String name =
          file.endsWith(ENDING) ? file.substring(0, file.length() - ENDING.length()) : file;
      return new Loaded(name, fromFile(path, List.of(), JsonPosition.whole(nameOrPath)));
    }
    String near = NearestWord.to(nameOrPath, SHIPPED);
    throw new JsonException(
        JsonPosition.whole("profile " + nameOrPath),
        "there is none of that name; %sshipped are %s, others are given by the path of their file"
            .formatted(
                near == null ? "" : "did you mean \"" + near + "\"? ", Members.list(SHIPPED)));
  }

  private static boolean isPath(String text) {
    return text.endsWith(ENDING) || text.contains("/");
  }

  private static JsonValue.JsonObject shipped(String name, List<String> chain, JsonPosition from) {
    String file = name + ENDING;
    try (InputStream in = ProfileText.class.getResourceAsStream(file)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return withIncludes(Json.parse(text, file), Optional.empty(), append(chain, file, from));
    } catch (IOException e) {
      throw new JsonException(JsonPosition.whole(file), "cannot be read: " + FileTrouble.reason(e));
    }
  }

  private static JsonValue.JsonObject fromFile(Path path, List<String> chain, JsonPosition from) {
    JsonPosition start = JsonPosition.whole(path.toString());
    Path absolute = path.toAbsolutePath().normalize();
    List<String> longer = append(chain, absolute.toString(), from);
    if (!Files.isRegularFile(path)) {
      throw new JsonException(
          start, Files.exists(path) ? "this is not a file" : "the file does not exist");
    }
    try {
      JsonValue value = Json.parse(path);
      Path folder = absolute.getParent();
      return withIncludes(ProfilePaths.absolute(value, folder), Optional.of(folder), longer);
    } catch (IOException e) {
      throw new JsonException(start, "cannot be read: " + FileTrouble.reason(e));
    }
  }

  private static List<String> append(List<String> chain, String source, JsonPosition at) {
    if (chain.contains(source)) {
      throw new JsonException(
          at, "includes itself: " + String.join(" includes ", chain) + " includes " + source);
    }
    List<String> longer = new ArrayList<>(chain);
    longer.add(source);
    return longer;
  }

  private static JsonValue.JsonObject withIncludes(
      JsonValue value, Optional<Path> folder, List<String> chain) {
    if (!(value instanceof JsonValue.JsonObject object)) {
      throw Members.wrong(value, "a profile must be an object");
    }
    JsonValue include = object.get(INCLUDE);
    JsonValue.JsonObject merged = new JsonValue.JsonObject(object.at(), Map.of());
    if (include == null) {
      return JsonMerge.merge(merged, object);
    }
    List<JsonValue> items =
        include instanceof JsonValue.JsonArray array ? array.items() : List.of(include);
    for (JsonValue item : items) {
      merged = JsonMerge.merge(merged, included(item, folder, chain));
    }
    merged = JsonMerge.without(merged, NOT_INHERITED);
    return JsonMerge.merge(merged, JsonMerge.without(object, List.of(INCLUDE)));
  }

  private static JsonValue.JsonObject included(
      JsonValue item, Optional<Path> folder, List<String> chain) {
    String text = Members.text(item, INCLUDE);
    if (SHIPPED.contains(text)) {
      return shipped(text, chain, item.at());
    }
    Path path = folder.map(f -> f.resolve(text)).orElse(Path.of(text));
    if (!Files.exists(path)) {
      String near = NearestWord.to(text, SHIPPED);
      throw new JsonException(
          item.at(),
          "include must name a shipped profile (%s) or a file; %s neither%s"
              .formatted(
                  Members.list(SHIPPED),
                  "\"" + text + "\" is",
                  near == null ? "" : ", did you mean \"" + near + "\"?"));
    }
    return fromFile(path, chain, item.at());
  }
}
