// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

import nestor.api.device.DeviceContext;
import nestor.api.device.Wire;

/** The interrupt output of one comparator, wherever it is routed at the moment. */
final class HpetPin {
  private static final int ROUTES = 24;

  private final Wire legacy;
  private final Wire[] routes = new Wire[ROUTES];
  private Wire held;

  HpetPin(DeviceContext context, int comparator) {
    legacy =
        switch (comparator) {
          case 0 -> context.wire("isa0");
          case 1 -> context.wire("isa8");
          default -> null;
        };
    for (int i = 0; i < ROUTES; i++) {
      routes[i] = context.wire("gsi" + i);
    }
  }

  /** Drives a level, and lets go of the wire driven before. */
  void level(int route, boolean isLegacy, boolean high) {
    Wire wire = wire(route, isLegacy);
    if (!high || held != wire) {
      release();
    }
    if (high && wire != null) {
      wire.set(true);
      held = wire;
    }
  }

  void pulse(int route, boolean isLegacy) {
    Wire wire = wire(route, isLegacy);
    if (wire != null) {
      wire.pulse();
    }
  }

  void release() {
    if (held != null) {
      held.set(false);
      held = null;
    }
  }

  private Wire wire(int route, boolean isLegacy) {
    if (isLegacy && legacy != null) {
      return legacy;
    }
    return route < ROUTES ? routes[route] : null;
  }
}
