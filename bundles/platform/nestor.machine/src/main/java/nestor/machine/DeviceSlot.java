// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.machine.DeviceView;

/**
 * The place of one device in a machine. It outlives the devices that come and go in it.
 *
 * <p>It is filled, or awaits a successor (the machine stands still), or is empty with the state of
 * the last occupant kept.
 */
final class DeviceSlot {
  final String name;

  /** The device in force, or null. */
  Occupant occupant;

  /** What the device in force was given; without one, what the last one has not given back. */
  SlotContext context;

  /** PID of the configuration that the last device in force came from. */
  String configuration = "";

  /** State of the last occupant, for its successor; null if there is none. */
  SavedSection kept;

  /** Host time until which the machine stands still for a successor; 0 if it does not. */
  long awaitedUntil;

  /** A device that was bound but may not take the place, and why. */
  Occupant refused;

  /** Why it was refused. */
  String refusal;

  DeviceSlot(String name) {
    this.name = name;
  }

  boolean isAwaited() {
    return awaitedUntil != 0;
  }

  DeviceView view() {
    String status = status();
    if (occupant == null) {
      return new DeviceView(name, "", "", "", "", "", -1, "", status);
    }
    DevicePlace place = occupant.place();
    String section = "";
    if (occupant.state() != null) {
      section = occupant.state().section().name() + " " + occupant.state().section().version();
    }
    return new DeviceView(
        name,
        occupant.pid(),
        occupant.device().getClass().getName(),
        occupant.bundle(),
        DevicePlace.text(place.ports()),
        DevicePlace.text(place.mmio()),
        place.irq(),
        section,
        status);
  }

  String status() {
    if (refusal != null) {
      return (occupant == null ? "absent" : "present") + "; " + refusal;
    }
    if (occupant != null) {
      return "present";
    }
    return isAwaited() ? "awaited" : "absent";
  }
}
