// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import nestor.api.device.EoiListener;
import nestor.api.device.ExternalInterruptController;
import nestor.api.device.MmioDevice;
import nestor.api.device.PortDevice;
import nestor.api.state.Snapshottable;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.Vcpu;

/**
 * The devices of a machine: who is in force, and how one takes the place of another.
 *
 * <p>Everything is called on the machine's thread between two instructions. The devices of a
 * profile are attached in its order, whatever the order in which they were bound, so that two runs
 * are the same.
 */
final class DeviceSlots {
  /** How long the machine stands still for a successor. */
  static final long GRACE_NANOS = 2_000_000_000L;

  private final Map<String, DeviceSlot> slots = new LinkedHashMap<>();
  private final SlotContext.Surroundings around;
  private final PhysicalMemoryControl memory;
  private final ApicRouter router;
  private final Vcpu first;
  private final EventLog events;
  private final LongSupplier hostNanos;
  private boolean attached;
  private int awaited;
  private long lastPauseNanos;

  DeviceSlots(
      List<String> order,
      SlotContext.Surroundings around,
      PhysicalMemoryControl memory,
      ApicRouter router,
      Vcpu first,
      EventLog events,
      LongSupplier hostNanos) {
    this.around = around;
    this.memory = memory;
    this.router = router;
    this.first = first;
    this.events = events;
    this.hostNanos = hostNanos;
    order.forEach(name -> slots.put(name, new DeviceSlot(name)));
  }

  Collection<DeviceSlot> all() {
    return slots.values();
  }

  DeviceSlot slot(String name) {
    return slots.get(name);
  }

  /** {@return devices of the profile that have not been bound yet} */
  List<String> missing() {
    List<String> names = new ArrayList<>();
    for (DeviceSlot slot : slots.values()) {
      if (slot.occupant == null) {
        names.add(slot.name);
      }
    }
    return names;
  }

  /** Everything is there: attaches the devices in the order of the profile. */
  void attachAll() {
    attached = true;
    for (DeviceSlot slot : slots.values()) {
      Occupant waiting = slot.occupant;
      slot.occupant = null;
      if (waiting != null && slot.refusal == null) {
        enter(slot, waiting);
      }
    }
  }

  /** A device was bound. */
  void bind(Occupant coming) {
    DeviceSlot slot = slots.computeIfAbsent(coming.name(), DeviceSlot::new);
    if (!attached) {
      slot.occupant = coming;
    } else if (slot.occupant != null) {
      takeOver(slot, coming);
    } else {
      enter(slot, coming);
    }
  }

  /**
   * A device is about to go. When this returns nobody calls it any more.
   *
   * @param expected whether its configuration is still there, so that a successor may come
   */
  void unbind(Occupant leaving, boolean expected) {
    DeviceSlot slot = slots.get(leaving.name());
    if (slot == null) {
      return;
    }
    if (slot.refused != null && slot.refused.device() == leaving.device()) {
      slot.refused = null;
      slot.refusal = null;
    }
    if (slot.occupant == null || slot.occupant.device() != leaving.device()) {
      return; // it handed over before
    }
    if (!attached) {
      slot.occupant = null;
      return;
    }
    if (expected && leaving.state() != null) {
      slot.context.hold();
      slot.kept = SavedSection.of(leaving.state());
      remove(slot);
      slot.awaitedUntil = hostNanos.getAsLong() + GRACE_NANOS;
      awaited++;
      return;
    }
    remove(slot);
    slot.context.leave();
    slot.context = null;
    if (expected) {
      events.add(slot.name + " left; it has no state to keep");
    } else {
      slots.remove(slot.name);
      events.add(slot.name + " was unplugged");
    }
  }

  /** A configuration is gone: if it was that of an absent device, there will be no successor. */
  void configurationDeleted(String pid) {
    for (DeviceSlot slot : List.copyOf(slots.values())) {
      if (attached && slot.occupant == null && slot.configuration.equals(pid)) {
        stopWaiting(slot);
        slots.remove(slot.name);
        events.add(slot.name + " was unplugged");
      }
    }
  }

  /** {@return how long the machine stood still for the last exchange of a device} */
  long lastPauseNanos() {
    return lastPauseNanos;
  }

  boolean isAwaiting() {
    return awaited > 0;
  }

  /** {@return host time at which the next grace time ends} */
  long awaitedUntil() {
    long until = Long.MAX_VALUE;
    for (DeviceSlot slot : slots.values()) {
      if (slot.isAwaited()) {
        until = Math.min(until, slot.awaitedUntil);
      }
    }
    return until;
  }

  /** Ends the grace times that are over: ports float, the state is kept. */
  void endGraceTimes() {
    long now = hostNanos.getAsLong();
    for (DeviceSlot slot : slots.values()) {
      if (slot.isAwaited() && slot.awaitedUntil - now <= 0) {
        stopWaiting(slot);
        events.add(slot.name + " did not come back in time; its ports float, its state is kept");
      }
    }
  }

  private void stopWaiting(DeviceSlot slot) {
    if (slot.isAwaited()) {
      slot.awaitedUntil = 0;
      awaited--;
    }
    if (slot.occupant == null && slot.context != null) {
      slot.context.leave();
      slot.context = null;
    }
  }

  /** A device enters an empty place, with the state of the last occupant if that is kept. */
  private void enter(DeviceSlot slot, Occupant coming) {
    String obstacle = clash(coming);
    if (obstacle != null) {
      refuse(slot, coming, obstacle);
      return;
    }
    SlotContext previous = slot.context;
    SavedSection kept = slot.kept;
    boolean knows = false;
    if (kept != null) {
      Snapshottable state = coming.state();
      String refusal = state == null ? "it has no state" : kept.refusal(state);
      knows = refusal == null;
      if (!knows) {
        events.add(slot.name + " starts anew: " + refusal);
      }
    }
    try {
      attach(slot, coming);
      if (knows) {
        kept.restoreTo(coming.state());
      }
    } catch (RuntimeException e) {
      if (slot.occupant != null && slot.occupant.device() == coming.device()) {
        remove(slot);
      }
      slot.context.leave();
      slot.context = previous;
      refuse(slot, coming, "it failed: " + e);
      return;
    }
    slot.kept = null;
    slot.refusal = null;
    if (slot.isAwaited()) {
      lastPauseNanos = hostNanos.getAsLong() - (slot.awaitedUntil - GRACE_NANOS);
      slot.awaitedUntil = 0;
      awaited--;
      events.add(slot.name + " came back");
    }
    show(slot.context, previous);
  }

  /** A device takes the place of one that is still there, state and all. */
  private void takeOver(DeviceSlot slot, Occupant coming) {
    Occupant leaving = slot.occupant;
    SlotContext previous = slot.context;
    if (leaving.state() == null || coming.state() == null) {
      refuse(slot, coming, "state cannot be handed over: one of the two has none");
      return;
    }
    long since = hostNanos.getAsLong();
    previous.hold();
    SavedSection saved = SavedSection.of(leaving.state());
    String refusal = saved.refusal(coming.state());
    if (refusal != null) {
      previous.release();
      refuse(slot, coming, refusal);
      return;
    }
    remove(slot);
    try {
      String obstacle = clash(coming);
      if (obstacle != null) {
        throw new IllegalStateException(obstacle);
      }
      attach(slot, coming);
      saved.restoreTo(coming.state());
      slot.refusal = null;
      show(slot.context, previous);
      lastPauseNanos = hostNanos.getAsLong() - since;
      events.add(slot.name + " was taken over by " + coming.bundle());
    } catch (RuntimeException e) {
      // Nothing of the newcomer may show: put the old one back as it was.
      if (slot.occupant != null && slot.occupant.device() == coming.device()) {
        remove(slot);
        slot.context.leave();
      }
      attach(slot, leaving);
      saved.restoreTo(leaving.state());
      show(slot.context, previous);
      refuse(slot, coming, "the old one stays: " + e.getMessage());
    }
  }

  /** The wires of the newcomer become visible, and its predecessor's let go. */
  private static void show(SlotContext coming, SlotContext previous) {
    coming.raiseHeld();
    if (previous != null) {
      previous.leave();
    }
    coming.release();
  }

  private void refuse(DeviceSlot slot, Occupant coming, String why) {
    slot.refused = coming;
    slot.refusal = coming.bundle() + " was refused: " + why;
    events.add(slot.name + ": " + slot.refusal);
  }

  private String clash(Occupant coming) {
    for (DeviceSlot other : slots.values()) {
      if (other.occupant != null && !other.name.equals(coming.name())) {
        String what = coming.place().clash(other.occupant.place());
        if (what != null) {
          return what + " belongs to " + other.name;
        }
      }
    }
    return null;
  }

  private void attach(DeviceSlot slot, Occupant coming) {
    SlotContext context = new SlotContext(slot.name, coming.place().irq(), around);
    context.hold();
    slot.context = context;
    slot.occupant = coming;
    slot.configuration = coming.configuration();
    coming.device().attach(context);
    if (coming.device() instanceof PortDevice device) {
      for (DevicePlace.Range r : coming.place().ports()) {
        memory.map(slot.name, device, (int) r.offset(), (int) r.base(), (int) r.length());
      }
    }
    if (coming.device() instanceof MmioDevice device) {
      for (DevicePlace.Range r : coming.place().mmio()) {
        memory.map(slot.name, device, r.offset(), r.base(), r.length());
      }
    }
    publish();
  }

  /** The occupant leaves; its wires keep their levels. */
  private void remove(DeviceSlot slot) {
    Occupant leaving = slot.occupant;
    slot.occupant = null;
    memory.unmap(leaving.device());
    slot.context.retire();
    leaving.device().detach();
    slot.context.retire(); // whatever it made while it left
    publish();
  }

  /** Roles that a device may have besides its ranges. */
  private void publish() {
    List<EoiListener> listeners = new ArrayList<>();
    ExternalInterruptController external = null;
    for (DeviceSlot slot : slots.values()) {
      if (slot.occupant != null && slot.context != null) {
        if (slot.occupant.device() instanceof EoiListener listener) {
          listeners.add(listener);
        }
        if (slot.occupant.device() instanceof ExternalInterruptController controller) {
          external = controller;
        }
      }
    }
    router.setEoiListeners(listeners.toArray(EoiListener[]::new));
    first.external =
        external == null || first.rendezvous == null
            ? external
            : Guarded.controller(first.rendezvous, external);
  }

  /** The machine was reset. */
  void reset() {
    for (DeviceSlot slot : slots.values()) {
      if (slot.occupant != null) {
        slot.occupant.device().reset();
      }
    }
  }

  /** The machine is being taken apart. */
  void detachAll() {
    for (DeviceSlot slot : slots.values()) {
      if (attached && slot.occupant != null) {
        remove(slot);
        slot.context.leave();
      }
    }
    slots.clear();
  }
}
