// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {

  @Test
  void readsWhatItWrites() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("text", "a \"quoted\"\n\\ line \u0001\u20ac");
    value.put("numbers", Arrays.asList(0, -1L, 2.5, Long.MIN_VALUE));
    value.put("nothing", null);
    value.put("flags", Arrays.asList(true, false));
    value.put("empty", Map.of());

    String once = Json.write(value);
    String twice = Json.write(Json.parse(once, "test"));

    assertThat(twice).isEqualTo(once);
    JsonValue.JsonObject read = Json.parse(once, "test").asObject();
    assertThat(read.get("text").asText()).isEqualTo(value.get("text"));
    assertThat(read.get("numbers").asItems().get(3).asLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(read.members().keySet()).containsExactlyElementsOf(value.keySet());
  }

  @Test
  void tellsLineAndColumnOfEachValue() {
    JsonValue.JsonObject read =
        Json.parse("// a comment\n{ /* another\n */ \"a\":\n   [1, true]}", "p.json").asObject();

    assertThat(read.get("a").at()).hasToString("p.json:4:4");
    assertThat(read.get("a").asItems().get(1).at()).hasToString("p.json:4:8");
  }

  @Test
  void saysWhatItExpectedOfAWrongKind() {
    JsonValue value = Json.parse("{\"a\": \"x\"}", "p.json").asObject().get("a");

    assertThatThrownBy(value::asLong).hasMessage("p.json:1:7: expected a number, found a string");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a": 1, "a": 2}  | t:1:10: the key "a" stands twice
          {"a" 1}           | t:1:6: expected ':' after the key "a", found '1'
          [1, ]             | t:1:5: expected a value, found ']'
          [1                | t:1:3: expected ',' or ']', found the end of the text
          {a: 1}            | t:1:2: expected a key in double quotes, found 'a'
          "abc              | t:1:5: expected '"' at the end of the string, found the end of the text
          "\\x"             | t:1:3: expected one of " \\ / b f n r t u after a backslash, found 'x'
          0x10              | t:1:2: expected the end of the number (hexadecimal goes into a string: "0x10"), found 'x'
          1.5.2             | t:1:4: expected the end of the text, found '.'
          nul               | t:1:1: expected a value, found 'n'
          1 2               | t:1:3: expected the end of the text, found '2'
          /* open           | t:1:1: the comment is never closed
          """)
  void refusesWhatIsNotJsonAndNamesThePlace(String text, String message) {
    assertThatThrownBy(() -> Json.parse(text, "t"))
        .isInstanceOf(JsonException.class)
        .hasMessage(message);
  }

  @Test
  void refusesToRecurseWithoutEnd() {
    assertThatThrownBy(() -> Json.parse("[".repeat(100_000), "t"))
        .hasMessageContaining("nested deeper");
  }
}
