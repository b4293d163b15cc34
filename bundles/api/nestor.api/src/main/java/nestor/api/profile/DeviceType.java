// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.List;
import java.util.Optional;

/**
 * A type of device.
 *
 * @param pid factory PID, such as {@code nestor.device.pit}
 * @param name what it is, in words
 */
public record DeviceType(String pid, String name, List<Attribute> attributes) {

  public DeviceType {
    attributes = List.copyOf(attributes);
  }

  /**
   * {@return the word that profiles use: the PID without {@code nestor.} or {@code nestor.device.}}
   */
  public String word() {
    if (pid.startsWith("nestor.device.")) {
      return pid.substring("nestor.device.".length());
    }
    return pid.startsWith("nestor.") ? pid.substring("nestor.".length()) : pid;
  }

  /** {@return the attribute that a profile calls so, which may leave {@code nestor.} out} */
  public Optional<Attribute> attribute(String word) {
    return attributes.stream()
        .filter(a -> a.name().equals(word) || a.name().equals("nestor." + word))
        .findFirst();
  }

  /**
   * A parameter of a device.
   *
   * @param name of the configuration property, such as {@code nestor.ports}
   * @param type String, Integer, Long, Boolean, Double or another class of simple values
   * @param list whether it takes several values
   * @param defaults default values as text, none if there is no default
   * @param options the only values allowed, as text; empty if any is
   */
  public record Attribute(
      String name,
      Class<?> type,
      boolean list,
      List<String> defaults,
      List<String> options,
      String description) {

    public Attribute {
      defaults = List.copyOf(defaults);
      options = List.copyOf(options);
    }

    /** {@return the word that profiles use: the name without {@code nestor.}} */
    public String word() {
      return name.startsWith("nestor.") ? name.substring("nestor.".length()) : name;
    }
  }
}
