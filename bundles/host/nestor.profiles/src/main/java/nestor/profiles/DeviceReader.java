// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.json.JsonValue;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.DeviceSettings.Range;
import nestor.api.profile.DeviceType;
import nestor.api.profile.DeviceType.Attribute;

/** Checks the devices of a profile against the types that are installed. */
final class DeviceReader {
  static final long PORT_LIMIT = 0x1_0000;
  static final long ADDRESS_LIMIT = 1L << 52;
  private static final String TYPE = "type";
  private static final String PORTS = "nestor.ports";
  private static final String MMIO = "nestor.mmio";
  private static final String IRQ = "nestor.irq";

  /** Understood of every type, though only few declare it. */
  private static final Attribute OVERLAY =
      new Attribute("nestor.overlay", Boolean.class, false, List.of("false"), List.of(), "");

  private final Collection<DeviceType> types;

  DeviceReader(Collection<DeviceType> types) {
    this.types = types;
  }

  /** {@return the settings of one device} */
  DeviceSettings read(String name, JsonValue value) {
    if (!name.matches("[A-Za-z][A-Za-z0-9_-]{0,31}")) {
      throw new JsonException(
          value.at(),
          "a device's name must be a letter and then letters, digits, - or _, not \""
              + name
              + "\"");
    }
    if (!(value instanceof JsonValue.JsonObject object)) {
      throw Members.wrong(value, "device \"" + name + "\" must be an object with a type");
    }
    DeviceType type = type(name, object);
    Map<String, Object> properties = new TreeMap<>();
    object
        .members()
        .forEach(
            (key, member) -> {
              if (!key.equals(TYPE)) {
                Attribute attribute = attribute(type, name, key, member);
                if (properties.put(attribute.name(), convert(attribute, key, member)) != null) {
                  throw new JsonException(member.at(), attribute.word() + " stands twice");
                }
              }
            });
    OptionalInt irq = irq(type, properties, object);
    return new DeviceSettings(
        name,
        type.pid(),
        properties,
        ranges(type, properties, object, PORTS, PORT_LIMIT),
        ranges(type, properties, object, MMIO, ADDRESS_LIMIT),
        irq,
        Boolean.TRUE.equals(effective(type, properties, OVERLAY.name(), object.at())));
  }

  private DeviceType type(String name, JsonValue.JsonObject object) {
    Set<String> words = new LinkedHashSet<>();
    types.forEach(t -> words.add(t.word()));
    JsonValue value = object.get(TYPE);
    if (value == null) {
      throw new JsonException(
          object.at(), "device \"" + name + "\" must have a type, one of " + Members.list(words));
    }
    String word = Members.text(value, TYPE);
    for (DeviceType type : types) {
      if (type.word().equals(word) || type.pid().equals(word)) {
        return type;
      }
    }
    throw new JsonException(value.at(), Members.unknown("device type", word, "", words));
  }

  private static Attribute attribute(DeviceType type, String name, String key, JsonValue member) {
    Optional<Attribute> found = type.attribute(key);
    if (found.isPresent()) {
      return found.get();
    }
    if (key.equals(OVERLAY.word()) || key.equals(OVERLAY.name())) {
      return OVERLAY;
    }
    List<String> known = new ArrayList<>(List.of(TYPE));
    type.attributes().forEach(a -> known.add(a.word()));
    throw new JsonException(
        member.at(),
        Members.unknown("key", key, "of device \"" + name + "\" (" + type.word() + ")", known));
  }

  private static Object convert(Attribute attribute, String key, JsonValue value) {
    if (!attribute.list()) {
      return single(attribute, key, value);
    }
    List<JsonValue> items =
        value instanceof JsonValue.JsonArray array ? array.items() : List.of(value);
    Object array = java.lang.reflect.Array.newInstance(attribute.type(), items.size());
    for (int i = 0; i < items.size(); i++) {
      java.lang.reflect.Array.set(array, i, single(attribute, key, items.get(i)));
    }
    return array;
  }

  private static Object single(Attribute attribute, String key, JsonValue value) {
    Class<?> type = attribute.type();
    Object result;
    if (type == Boolean.class) {
      if (!(value instanceof JsonValue.JsonFlag flag)) {
        throw Members.wrong(value, key + " must be true or false");
      }
      result = flag.value();
    } else if (type == Integer.class) {
      result = (int) Quantities.whole(value, key, Integer.MIN_VALUE, Integer.MAX_VALUE);
    } else if (type == Short.class) {
      result = (short) Quantities.whole(value, key, Short.MIN_VALUE, Short.MAX_VALUE);
    } else if (type == Byte.class) {
      result = (byte) Quantities.whole(value, key, Byte.MIN_VALUE, Byte.MAX_VALUE);
    } else if (type == Long.class) {
      result = Quantities.whole(value, key, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (type == Double.class || type == Float.class) {
      if (!(value instanceof JsonValue.JsonNumber number)) {
        throw Members.wrong(value, key + " must be a number");
      }
      result = type == Double.class ? number.value().doubleValue() : number.value().floatValue();
    } else {
      result = Members.text(value, key);
    }
    if (!attribute.options().isEmpty() && !attribute.options().contains(result.toString())) {
      throw new JsonException(
          value.at(), Members.unknown(key, result.toString(), "", attribute.options()));
    }
    return result;
  }

  /** {@return what the component will see: what is set, or the default, or null} */
  private static Object effective(
      DeviceType type, Map<String, Object> properties, String name, JsonPosition at) {
    Object set = properties.get(name);
    Optional<Attribute> attribute = type.attribute(name);
    if (set != null || attribute.isEmpty() || attribute.get().defaults().isEmpty()) {
      return set;
    }
    // A text with commas comes as one value or as several, after who wrote the description.
    String text = String.join(",", attribute.get().defaults());
    return attribute.get().type() == Boolean.class
        ? (Object) Boolean.valueOf(text)
        : new JsonValue.JsonText(at, text);
  }

  private static List<Range> ranges(
      DeviceType type,
      Map<String, Object> properties,
      JsonValue.JsonObject object,
      String name,
      long limit) {
    String word = name.substring("nestor.".length());
    JsonPosition at = object.get(word) == null ? object.at() : object.get(word).at();
    return switch (effective(type, properties, name, at)) {
      case null -> List.of();
      case JsonValue.JsonText byDefault -> Quantities.ranges(byDefault, word, limit);
      case Object set -> Quantities.ranges(new JsonValue.JsonText(at, set.toString()), word, limit);
    };
  }

  private static OptionalInt irq(
      DeviceType type, Map<String, Object> properties, JsonValue.JsonObject object) {
    JsonPosition at = object.get("irq") == null ? object.at() : object.get("irq").at();
    int irq =
        switch (effective(type, properties, IRQ, at)) {
          case null -> -1;
          case Integer set -> set;
          case Object byDefault -> Integer.parseInt(((JsonValue.JsonText) byDefault).value());
        };
    if (irq < -1 || irq > 15) {
      throw new JsonException(
          at, "irq must be an ISA interrupt line from 0 to 15, or -1 for none, not " + irq);
    }
    return irq < 0 ? OptionalInt.empty() : OptionalInt.of(irq);
  }
}
