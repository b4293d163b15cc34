// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import nestor.api.machine.MachineException;
import nestor.api.profile.DeviceConfiguration;
import nestor.api.profile.ProfileException;
import org.osgi.service.cm.Configuration;

/**
 * Plugging, unplugging and exchanging devices: writes configurations and waits for what follows. On
 * the threads of those who ask, never on the machine's.
 */
final class Plugs {
  private static final long LIMIT_NANOS = 10_000_000_000L;

  private final MachineRegistry registry;
  private final Assembly assembly;
  private final Pc pc;
  private final MachineThread thread;

  Plugs(MachineRegistry registry, Assembly assembly, Pc pc, MachineThread thread) {
    this.registry = registry;
    this.assembly = assembly;
    this.pc = pc;
    this.thread = thread;
  }

  /** What a slot looks like from outside. */
  private record Look(Object device, String refusal, long pauseNanos) {}

  private Look look(String name) throws MachineException {
    return thread.call(
        () -> {
          DeviceSlot slot = pc.slots.slot(name);
          return slot == null
              ? null
              : new Look(
                  slot.occupant == null ? null : slot.occupant.device(),
                  slot.refusal,
                  pc.slots.lastPauseNanos());
        });
  }

  private interface Condition {
    boolean holds(Look look);
  }

  private Look await(String name, Condition condition, String complaint) throws MachineException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (true) {
      Look look = look(name);
      if (condition.holds(look)) {
        return look;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new MachineException(complaint);
      }
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MachineException("interrupted: " + complaint, e);
      }
    }
  }

  void plug(String name, String settings) throws MachineException {
    if (look(name) != null) {
      throw new MachineException("there is a device " + name + " already");
    }
    DeviceConfiguration wanted;
    try {
      wanted =
          registry
              .profiles()
              .extra(assembly.spec().profile(), assembly.spec().name(), name, settings);
    } catch (ProfileException e) {
      throw new MachineException(e.getMessage(), e);
    }
    Configuration configuration = write(wanted);
    assembly.add(name, configuration);
    try {
      Look look =
          await(
              name,
              l -> l != null && (l.device != null || l.refusal != null),
              name + " did not appear: is a bundle with " + wanted.factoryPid() + " active?");
      if (look.refusal != null) {
        throw new MachineException(look.refusal);
      }
    } catch (MachineException e) {
      assembly.remove(name);
      delete(configuration);
      throw e;
    }
  }

  void unplug(String name) throws MachineException {
    List<Configuration> all = registry.configurationsOf(assembly.spec().name(), name);
    if (all.isEmpty()) {
      throw new MachineException("there is no device " + name);
    }
    for (Configuration configuration : all) {
      delete(configuration);
    }
    assembly.remove(name);
    await(name, Objects::isNull, name + " did not leave");
  }

  Duration swap(String name, String pid) throws MachineException {
    List<Configuration> all = registry.configurationsOf(assembly.spec().name(), name);
    Look before = look(name);
    if (all.isEmpty() || before == null || before.device == null) {
      throw new MachineException("there is no device " + name + " to be exchanged");
    }
    if (before.refusal != null) {
      throw new MachineException(
          name + " has a successor already that was refused; unplug it first");
    }
    Configuration old = all.getFirst();
    return pid.equals(old.getFactoryPid())
        ? renew(name, old, before)
        : replace(name, old, pid, before);
  }

  /** The same component anew: an update of its configuration makes another instance. */
  private Duration renew(String name, Configuration old, Look before) throws MachineException {
    try {
      old.update(old.getProperties());
    } catch (IOException e) {
      throw new MachineException("the configuration of " + name + " cannot be written: " + e, e);
    }
    Look after =
        await(
            name,
            l -> l != null && l.device != null && l.device != before.device,
            name + " did not come back");
    return Duration.ofNanos(after.pauseNanos);
  }

  /** Another component takes over, then the old configuration goes. */
  private Duration replace(String name, Configuration old, String pid, Look before)
      throws MachineException {
    Dictionary<String, Object> properties = old.getProperties();
    Map<String, Object> inherited = new TreeMap<>();
    for (String key : Collections.list(properties.keys())) {
      if (!key.startsWith("service.")) {
        inherited.put(key, properties.get(key));
      }
    }
    Configuration successor = write(new DeviceConfiguration(pid, name, Map.copyOf(inherited)));
    try {
      Look after =
          await(
              name,
              l -> l != null && (l.device != before.device || l.refusal != null),
              "no component with the PID " + pid + " appeared");
      if (after.refusal != null) {
        throw new MachineException(after.refusal);
      }
      assembly.add(name, successor);
      delete(old);
      return Duration.ofNanos(after.pauseNanos);
    } catch (MachineException e) {
      delete(successor);
      throw e;
    }
  }

  private Configuration write(DeviceConfiguration wanted) throws MachineException {
    try {
      return registry.write(wanted);
    } catch (IOException e) {
      throw new MachineException("a configuration cannot be written: " + e, e);
    }
  }

  private static void delete(Configuration configuration) throws MachineException {
    try {
      configuration.delete();
    } catch (IOException e) {
      throw new MachineException("a configuration cannot be deleted: " + e, e);
    }
  }
}
