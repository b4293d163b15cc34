// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A factory configuration to be written to Config Admin.
 *
 * @param factoryPid PID of the component
 * @param name name of the device; unique per machine, not per framework
 * @param properties with {@code nestor.machine} and {@code nestor.device}
 */
public record DeviceConfiguration(String factoryPid, String name, Map<String, Object> properties) {

  public DeviceConfiguration {
    properties = Collections.unmodifiableMap(new TreeMap<>(properties));
  }
}
