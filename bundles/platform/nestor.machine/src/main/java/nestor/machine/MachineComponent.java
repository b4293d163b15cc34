// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nestor.api.device.Device;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.VirtualizationFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * A machine in the service registry: binds its parts and hands them to its own thread. The
 * configuration names the machine; what it shall be is known to {@link MachineRegistry}.
 */
@Component(
    configurationPid = MachineComponent.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Machine.class,
    immediate = true)
public final class MachineComponent extends MachineControls {
  static final String PID = "nestor.machine";

  private volatile boolean closed;

  /** Made by its configuration, once the parts are there. */
  @Activate
  public MachineComponent(
      Map<String, Object> configuration,
      @Reference MachineRegistry registry,
      @Reference(name = "memory") PhysicalMemoryFactory memory,
      @Reference(name = "mmu") MmuFactory mmu,
      @Reference(name = "cpu") SystemUnitFactory cpu,
      @Reference(name = "apic") LocalApicFactory apic)
      throws MachineException {
    super(
        registry,
        ordered(registry, String.valueOf(configuration.get("nestor.machine"))),
        new Parts(memory, mmu, cpu, apic));
  }

  private static Assembly ordered(MachineRegistry registry, String name) throws MachineException {
    Assembly assembly = registry.assembly(name);
    if (assembly == null) {
      throw new MachineException("nobody has ordered a machine " + name);
    }
    return assembly;
  }

  @Activate
  void activate() {
    thread.start();
    assembly.arrived(this);
  }

  @Deactivate
  void deactivate() throws MachineException {
    closed = true;
    if (loop.state() != MachineState.ENDED) {
      thread.call(
          () -> {
            loop.end(new Ending(Ending.Kind.STOPPED, 0, "the machine was taken apart"));
            return null;
          });
    }
    thread.close();
    consoles.close();
    pc.close();
    assembly.left();
  }

  @Reference(
      name = "devices",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void addDevice(ServiceReference<Device> reference, Device device) throws MachineException {
    Occupant coming = occupant(reference, device);
    thread.call(
        () -> {
          pc.slots.bind(coming);
          return null;
        });
    assembly.deviceArrived();
  }

  void removeDevice(ServiceReference<Device> reference, Device device) throws MachineException {
    if (closed) {
      return;
    }
    Occupant leaving = occupant(reference, device);
    boolean expected = registry.isConfigured(leaving.configuration());
    thread.call(
        () -> {
          pc.slots.unbind(leaving, expected);
          return null;
        });
  }

  private static Occupant occupant(ServiceReference<Device> reference, Device device) {
    Map<String, Object> properties = new HashMap<>();
    for (String key : reference.getPropertyKeys()) {
      properties.put(key, reference.getProperty(key));
    }
    Bundle bundle = reference.getBundle();
    return new Occupant(
        String.valueOf(properties.get("nestor.device")),
        device,
        DevicePlace.of(properties),
        String.valueOf(properties.get("service.factoryPid")),
        String.valueOf(properties.get(Constants.SERVICE_PID)),
        bundle == null ? "?" : bundle.getSymbolicName() + " " + bundle.getVersion());
  }

  @Reference(
      name = "engines",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void addEngine(EngineFactory engine) throws MachineException {
    thread.call(
        () -> {
          String word = pc.profile.engine();
          String wanted = pc.engineName().isEmpty() ? registry.engineName(word) : pc.engineName();
          if (!pc.hasEngine() && engine.name().equals(wanted)) {
            pc.useEngine(engine);
            if (!wanted.equals(word) && registry.noHostEngine() != null) {
              pc.events.add("engine " + wanted + ": " + registry.noHostEngine());
            }
          }
          return null;
        });
  }

  void removeEngine(EngineFactory engine) throws MachineException {
    if (closed) {
      return;
    }
    thread.call(
        () -> {
          if (pc.hasEngine() && engine.name().equals(pc.engineName())) {
            pc.dropEngines();
            pc.events.add("the engine " + engine.name() + " left; the machine waits for it");
          }
          return null;
        });
  }

  @Reference(
      name = "virtualization",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void addVirtualization(VirtualizationFactory factory) throws MachineException {
    order(() -> pc.useVirtualization(factory));
  }

  void removeVirtualization(VirtualizationFactory factory) throws MachineException {
    if (!closed) {
      order(
          () -> {
            if (pc.usesVirtualization(factory.feature())) {
              String text = "the hardware for " + factory.feature() + " left while it was in use";
              loop.end(new Ending(Ending.Kind.FAILED, 0, text));
            }
            pc.dropVirtualization(factory.feature());
          });
    }
  }

  @Reference(
      name = "tlbPolicies",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void addTlbPolicy(TlbPolicy policy) throws MachineException {
    order(() -> pc.tlbPolicies.add(policy));
  }

  void removeTlbPolicy(TlbPolicy policy) throws MachineException {
    if (!closed) {
      order(() -> pc.tlbPolicies.remove(policy));
    }
  }

  /** {@return devices that have not been bound yet} */
  List<String> missingDevices() throws MachineException {
    return thread.call(pc.slots::missing);
  }

  /** All devices are there: opens what their consoles lead to, and puts them in. */
  void attachDevices() throws MachineException {
    consoles.open(pc.profile.consoles());
    thread.call(
        () -> {
          pc.slots.attachAll();
          for (DeviceSlot slot : pc.slots.all()) {
            if (slot.refusal != null) {
              throw new MachineException("device " + slot.name + ": " + slot.refusal);
            }
          }
          return null;
        });
  }

  /** A configuration was deleted. */
  void configurationDeleted(String pid) throws MachineException {
    if (!closed) {
      thread.call(
          () -> {
            pc.slots.configurationDeleted(pid);
            return null;
          });
    }
  }
}
