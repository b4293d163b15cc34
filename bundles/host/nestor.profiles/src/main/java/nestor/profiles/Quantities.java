// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nestor.api.json.JsonValue;
import nestor.api.profile.DeviceSettings.Range;

/** Numbers, sizes and ranges as profiles write them. */
final class Quantities {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})([KMG])");
  private static final Pattern HEX = Pattern.compile("0[xX][0-9A-Fa-f]{1,15}");
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,18}");

  private Quantities() {}

  /** {@return a whole number, written as such or in hexadecimal as a string} */
  static long whole(JsonValue value, String key, long least, long most) {
    String expected =
        least == Long.MIN_VALUE && most == Long.MAX_VALUE
            ? key + " must be a whole number"
            : key + " must be a whole number from " + least + " to " + most;
    long number =
        switch (value) {
          case JsonValue.JsonNumber n -> {
            try {
              yield n.value().longValueExact();
            } catch (ArithmeticException e) {
              throw Members.wrong(value, expected);
            }
          }
          case JsonValue.JsonText t when HEX.matcher(t.value()).matches() -> number(t.value());
          default -> throw Members.wrong(value, expected);
        };
    if (number < least || number > most) {
      throw Members.wrong(value, expected);
    }
    return number;
  }

  /** {@return bytes of a text such as {@code 512M}} */
  static long size(JsonValue value, String key) {
    Matcher matcher = SIZE.matcher(value instanceof JsonValue.JsonText t ? t.value() : "");
    if (!matcher.matches()) {
      throw Members.wrong(
          value, key + " must be a number with K, M or G in a string, such as \"512M\"");
    }
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          default -> 30;
        };
    return Long.parseLong(matcher.group(1)) << shift;
  }

  /** {@return the ranges of a text such as {@code 0x60+1,0x64+1}; none of an empty text} */
  static List<Range> ranges(JsonValue value, String key, long limit) {
    String text = value instanceof JsonValue.JsonText t ? t.value() : "?";
    List<Range> ranges = new ArrayList<>();
    if (text.isEmpty()) {
      return ranges;
    }
    for (String part : text.split(",", -1)) {
      String[] halves = part.strip().split("\\+", -1);
      if (halves.length != 2 || !isNumber(halves[0]) || !isNumber(halves[1])) {
        throw Members.wrong(
            value, key + " must be ranges BASE+LENGTH in a string, such as \"0x60+1,0x64+1\"");
      }
      Range range = new Range(number(halves[0]), number(halves[1]));
      if (range.length() == 0 || range.end() > limit) {
        throw Members.wrong(
            value,
            "each range of %s must hold something and end at or below 0x%X".formatted(key, limit));
      }
      ranges.add(range);
    }
    return ranges;
  }

  private static boolean isNumber(String text) {
    return HEX.matcher(text).matches() || DECIMAL.matcher(text).matches();
  }

  private static long number(String text) {
    return HEX.matcher(text).matches()
        ? Long.parseLong(text, 2, text.length(), 16)
        : Long.parseLong(text);
  }
}
