// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.device.Device;
import nestor.api.state.Snapshottable;

/**
 * A device that was bound, with what is known of it.
 *
 * @param pid factory PID of its configuration
 * @param configuration PID of its configuration
 * @param bundle symbolic name and version of its bundle
 */
record Occupant(
    String name,
    Device device,
    DevicePlace place,
    String pid,
    String configuration,
    String bundle) {

  /** {@return its state, or null if it cannot be saved} */
  Snapshottable state() {
    return device instanceof Snapshottable state ? state : null;
  }
}
