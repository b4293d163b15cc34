// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import java.util.TreeMap;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/** The saved state of one part: its section's name and version, and the fields by name. */
final class SavedSection implements StateWriter, StateReader {
  private final SectionId id;
  private final Map<String, Object> fields = new TreeMap<>();

  private SavedSection(SectionId id) {
    this.id = id;
  }

  /** {@return the state of a part, as it is now} */
  static SavedSection of(Snapshottable part) {
    SavedSection saved = new SavedSection(part.section());
    part.save(saved);
    return saved;
  }

  SectionId id() {
    return id;
  }

  /** {@return the fields in alphabetical order: Long, Boolean, byte[], long[] or String} */
  Map<String, Object> fields() {
    return fields;
  }

  /** {@return why that part cannot take this state over, or null if it may try} */
  String refusal(Snapshottable part) {
    SectionId other = part.section();
    if (!other.name().equals(id.name())) {
      return "its state is of the kind " + other.name() + ", not " + id.name();
    }
    return other.version() < id.version()
        ? "it knows version " + other.version() + " of " + id.name() + ", not " + id.version()
        : null;
  }

  void restoreTo(Snapshottable part) {
    part.restore(id.version(), this);
  }

  private void put(String name, Object value) {
    if (fields.putIfAbsent(name, value) != null) {
      throw new IllegalStateException(id.name() + " writes its field " + name + " twice");
    }
  }

  private <T> T get(String name, Class<T> type) {
    Object value = fields.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalStateException(
          value == null
              ? id.name() + " has no field " + name
              : id.name() + "." + name + " is a " + value.getClass().getSimpleName());
    }
    return type.cast(value);
  }

  @Override
  public void putLong(String name, long value) {
    put(name, value);
  }

  @Override
  public void putBoolean(String name, boolean value) {
    put(name, value);
  }

  @Override
  public void putBytes(String name, byte[] value) {
    put(name, value.clone());
  }

  @Override
  public void putLongs(String name, long... value) {
    put(name, value.clone());
  }

  @Override
  public void putString(String name, String value) {
    put(name, value);
  }

  @Override
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  @Override
  public long getLong(String name) {
    return get(name, Long.class);
  }

  @Override
  public boolean getBoolean(String name) {
    return get(name, Boolean.class);
  }

  @Override
  public byte[] getBytes(String name) {
    return get(name, byte[].class).clone();
  }

  @Override
  public long[] getLongs(String name) {
    return get(name, long[].class).clone();
  }

  @Override
  public String getString(String name) {
    return get(name, String.class);
  }
}
