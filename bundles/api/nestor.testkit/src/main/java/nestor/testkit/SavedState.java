// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/** One section of saved state, kept in memory. Two sections with the same fields are equal. */
public final class SavedState implements StateWriter, StateReader {
  private final Map<String, Object> fields = new TreeMap<>();

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

  @Override
  public boolean equals(Object other) {
    return other instanceof SavedState state && state.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** {@return the fields by name, for a message that shows the difference} */
  @Override
  public String toString() {
    Map<String, String> shown = new TreeMap<>();
    fields.forEach(
        (name, value) ->
            shown.put(
                name,
                switch (value) {
                  case byte[] bytes -> Arrays.toString(bytes);
                  case long[] longs -> Arrays.toString(longs);
                  default -> value.toString();
                }));
    return shown.toString();
  }

  private void put(String name, Object value) {
    if (fields.putIfAbsent(name, value) != null) {
      throw new IllegalStateException("field written twice: " + name);
    }
  }

  private <T> T get(String name, Class<T> type) {
    Object value = fields.get(name);
    if (value == null) {
      throw new IllegalStateException("no such field: " + name + " in " + fields.keySet());
    }
    return type.cast(value);
  }
}
