// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.command.NearestWord;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.json.JsonValue;

/** The members of one object of a profile, none of them unknown. */
final class Members {
  private final JsonValue.JsonObject object;

  /**
   * Refuses members that are not known.
   *
   * @param where what the object is, such as {@code clock}
   */
  Members(JsonValue value, String where, Collection<String> known) {
    if (!(value instanceof JsonValue.JsonObject o)) {
      throw wrong(value, where + " must be an object with the keys " + list(known));
    }
    object = o;
    o.members()
        .forEach(
            (key, member) -> {
              if (!known.contains(key)) {
                throw new JsonException(member.at(), unknown("key", key, "of " + where, known));
              }
            });
  }

  /** {@return a sentence about a word that is none of the known ones} */
  static String unknown(String kind, String word, String where, Collection<String> known) {
    String near = NearestWord.to(word, known);
    return "unknown %s \"%s\"%s; %sexpected %s"
        .formatted(
            kind,
            word,
            where.isEmpty() ? "" : " " + where,
            near == null ? "" : "did you mean \"" + near + "\"? ",
            known.isEmpty() ? "none" : "one of " + list(known));
  }

  static String list(Collection<String> words) {
    return String.join(", ", words);
  }

  static JsonException wrong(JsonValue value, String expected) {
    String found =
        switch (value) {
          case JsonValue.JsonText text -> "\"" + text.value() + "\"";
          case JsonValue.JsonNumber number -> number.value().toString();
          case JsonValue.JsonFlag flag -> String.valueOf(flag.value());
          default -> value.kind();
        };
    return new JsonException(value.at(), expected + ", not " + found);
  }

  JsonPosition at() {
    return object.at();
  }

  Optional<JsonValue> get(String key) {
    return Optional.ofNullable(object.get(key));
  }

  Optional<String> text(String key) {
    return get(key).map(value -> text(value, key));
  }

  static String text(JsonValue value, String key) {
    if (value instanceof JsonValue.JsonText text) {
      return text.value();
    }
    throw wrong(value, key + " must be a string");
  }

  OptionalLong whole(String key, long least, long most) {
    Optional<JsonValue> value = get(key);
    return value.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Quantities.whole(value.get(), key, least, most));
  }

  /** {@return the constant whose name is the member's text} */
  <E extends Enum<E>> Optional<E> word(String key, List<E> constants) {
    Optional<JsonValue> value = get(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    List<String> words = constants.stream().map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
    int index = words.indexOf(text(value.get(), key));
    if (index < 0) {
      String typed = text(value.get(), key);
      throw new JsonException(value.get().at(), unknown(key, typed, "", words));
    }
    return Optional.of(constants.get(index));
  }

  List<String> texts(String key) {
    Optional<JsonValue> value = get(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (!(value.get() instanceof JsonValue.JsonArray array)) {
      throw wrong(value.get(), key + " must be an array of strings");
    }
    return array.items().stream().map(item -> text(item, "each item of " + key)).toList();
  }
}
