// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import nestor.api.boot.MemoryLayout;
import nestor.api.boot.MemoryRange;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.DeviceSettings.Range;

/** Finds devices that would answer at the same ports or addresses. */
final class Clashes {
  /** The page of the local APICs' registers, which every machine has. */
  private static final Range LOCAL_APIC = new Range(0xFEE0_0000L, 0x1000);

  private final Function<DeviceSettings, JsonPosition> places;

  /** Knows where in the profile each device stands. */
  Clashes(Function<DeviceSettings, JsonPosition> places) {
    this.places = places;
  }

  /** Who answers at a range. */
  private record Claim(DeviceSettings device, Range range) {}

  void check(List<DeviceSettings> devices, MemoryLayout memory) {
    List<Claim> ports = new ArrayList<>();
    List<Claim> addresses = new ArrayList<>();
    for (DeviceSettings device : devices) {
      device.ports().forEach(range -> add(ports, new Claim(device, range), "ports"));
      device.mmio().forEach(range -> add(addresses, new Claim(device, range), "addresses"));
      device.mmio().forEach(range -> checkMemory(device, range, memory));
    }
  }

  private void add(List<Claim> claims, Claim claim, String kind) {
    for (Claim other : claims) {
      if (overlap(claim.range, other.range)
          && !isLaidOver(claim, other)
          && !isLaidOver(other, claim)) {
        throw new JsonException(
            places.apply(claim.device),
            "%s %s of device \"%s\" clash with %s of device \"%s\"; move one of them by its key \"%s\"%s"
                .formatted(
                    kind,
                    text(claim.range),
                    claim.device.name(),
                    text(other.range),
                    other.device.name(),
                    kind.equals("ports") ? "ports" : "mmio",
                    mayOverlay(claim.range, other.range)));
      }
    }
    claims.add(claim);
  }

  private static String mayOverlay(Range a, Range b) {
    return isInside(a, b) || isInside(b, a)
        ? ", or let the smaller lie over the larger by \"overlay\": true"
        : "";
  }

  /** A marked range wholly inside a larger one of another device answers in its place. */
  private static boolean isLaidOver(Claim small, Claim large) {
    return small.device.overlay()
        && !small.device.name().equals(large.device.name())
        && isInside(small.range, large.range);
  }

  private static boolean isInside(Range small, Range large) {
    return small.base() >= large.base()
        && small.end() <= large.end()
        && small.length() < large.length();
  }

  private void checkMemory(DeviceSettings device, Range range, MemoryLayout memory) {
    if (overlap(range, LOCAL_APIC)) {
      throw new JsonException(
          places.apply(device),
          "addresses %s of device \"%s\" clash with the local APIC's at %s; move the device by its key \"mmio\""
              .formatted(text(range), device.name(), text(LOCAL_APIC)));
    }
    for (MemoryRange ram : memory.ranges()) {
      Range whole = new Range(ram.base(), ram.length());
      if (ram.kind() == MemoryRange.Kind.RAM && overlap(range, whole)) {
        throw new JsonException(
            places.apply(device),
            "addresses %s of device \"%s\" clash with RAM at %s; move the device by its key \"mmio\""
                .formatted(text(range), device.name(), text(whole)));
      }
    }
  }

  private static boolean overlap(Range a, Range b) {
    return a.base() < b.end() && b.base() < a.end();
  }

  private static String text(Range range) {
    return "0x%X-0x%X".formatted(range.base(), range.end() - 1);
  }
}
