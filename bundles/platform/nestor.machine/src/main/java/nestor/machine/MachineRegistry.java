// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import nestor.api.boot.BootLoader;
import nestor.api.firmware.Firmware;
import nestor.api.guests.GuestLibrary;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ClockSettings;
import nestor.api.profile.DeviceConfiguration;
import nestor.api.profile.Profile;
import nestor.api.profile.ProfileLibrary;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.SystemUnitFactory;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Makes machines: checks what can be checked, then writes their configurations and waits until the
 * services that these ask for are there.
 */
@Component(service = {Machines.class, MachineRegistry.class, ConfigurationListener.class})
public final class MachineRegistry implements Machines, ConfigurationListener {
  private static final String MACHINE = "nestor.machine";
  private static final String HOST = "host";
  private static final String PORTABLE = "interpreter";

  private final ConfigurationAdmin configurations;
  private final ProfileLibrary profiles;
  private final BootLoader loader;
  private final Firmware firmware;
  private final SystemUnitFactory cpus;
  private final Map<String, Assembly> assemblies = new ConcurrentSkipListMap<>();
  private final Map<String, EngineFactory> engines = new ConcurrentSkipListMap<>();
  private volatile GuestLibrary guests;

  /** Everything that a machine is made with. */
  @Activate
  public MachineRegistry(
      @Reference ConfigurationAdmin configurations,
      @Reference ProfileLibrary profiles,
      @Reference BootLoader loader,
      @Reference Firmware firmware,
      @Reference SystemUnitFactory cpus) {
    this.configurations = configurations;
    this.profiles = profiles;
    this.loader = loader;
    this.firmware = firmware;
    this.cpus = cpus;
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setGuests(GuestLibrary library) {
    guests = library;
  }

  void unsetGuests(GuestLibrary library) {
    if (guests == library) {
      guests = null;
    }
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void addEngine(EngineFactory engine) {
    engines.put(engine.name(), engine);
  }

  void removeEngine(EngineFactory engine) {
    engines.remove(engine.name(), engine);
  }

  /** {@return what a machine of that name was ordered to be; null for none} */
  Assembly assembly(String name) {
    return assemblies.get(name);
  }

  @Override
  public List<Machine> list() {
    List<Machine> machines = new ArrayList<>();
    for (Assembly assembly : assemblies.values()) {
      MachineComponent machine = assembly.machine();
      if (machine != null) {
        machines.add(machine);
      }
    }
    return machines;
  }

  @Override
  public Optional<Machine> find(String name) {
    return Optional.ofNullable(assemblies.get(name)).map(Assembly::machine);
  }

  @Override
  public List<String> engines() {
    List<String> names = new ArrayList<>();
    engines.forEach(
        (name, engine) -> {
          if (engine.unavailable() == null) {
            names.add(name);
          }
        });
    return names;
  }

  @Override
  public Machine create(MachineSpec spec) throws MachineException {
    String name = spec.name();
    if (!name.matches("[A-Za-z][A-Za-z0-9_-]*")) {
      throw new MachineException(
          "a machine's name is a letter and then letters, digits, - or _, not \"" + name + "\"");
    }
    check(spec);
    BootImage image = new BootPlanner(loader, firmware, guests).plan(spec);
    if (assemblies.containsKey(name)) {
      throw alreadyThere(name);
    }
    Assembly assembly = new Assembly(spec, image, InputLog.open(spec));
    if (assemblies.putIfAbsent(name, assembly) != null) {
      throw alreadyThere(name);
    }
    try {
      for (DeviceConfiguration device : profiles.configurations(spec.profile(), name)) {
        assembly.add(device.name(), write(device));
      }
      Configuration machine = configurations.createFactoryConfiguration(MachineComponent.PID, "?");
      assembly.own(machine);
      String mine = "(" + MACHINE + "=" + name + ")";
      machine.update(FrameworkUtil.asDictionary(Map.of(MACHINE, name, "devices.target", mine)));
      return assembly.await();
    } catch (IOException e) {
      destroy(assembly);
      throw new MachineException("the configurations of " + name + " cannot be written: " + e, e);
    } catch (MachineException | RuntimeException e) {
      destroy(assembly);
      throw e;
    }
  }

  private static MachineException alreadyThere(String name) {
    return new MachineException("there is a machine " + name + " already");
  }

  private void check(MachineSpec spec) throws MachineException {
    checkTime(spec);
    String engine = engineName(spec.profile().engine());
    String obstacle = Parts.obstacle(engines.get(engine), engine, isParallel(spec));
    if (obstacle != null) {
      throw new MachineException(obstacle + "; there are: " + String.join(", ", engines()));
    }
    try {
      cpus.physicalBits(Pc.cpuRequest(spec.profile()));
    } catch (IllegalArgumentException e) {
      throw new MachineException("profile " + spec.profile().name() + ": " + e.getMessage(), e);
    }
  }

  private static boolean isParallel(MachineSpec spec) {
    return spec.profile().execution() == Profile.Execution.PARALLEL;
  }

  private static void checkTime(MachineSpec spec) throws MachineException {
    boolean parallel = isParallel(spec);
    if (!parallel && spec.profile().clock().mode() == ClockSettings.Mode.REALTIME) {
      throw new MachineException(
          "profile "
              + spec.profile().name()
              + ": clock mode realtime is there only with \"execution\": \"parallel\"");
    }
    if (parallel && (spec.record().isPresent() || spec.replay().isPresent())) {
      throw new MachineException(
          "input is recorded and replayed only where vCPUs take turns, not in parallel");
    }
  }

  @Override
  public void destroy(Machine machine) throws MachineException {
    Assembly assembly = assemblies.get(machine.name());
    if (assembly == null) {
      throw new MachineException("there is no machine " + machine.name());
    }
    destroy(assembly);
  }

  private void destroy(Assembly assembly) throws MachineException {
    try {
      assembly.delete();
    } finally {
      assemblies.remove(assembly.spec().name(), assembly);
    }
  }

  Configuration write(DeviceConfiguration device) throws IOException {
    Configuration configuration =
        configurations.createFactoryConfiguration(device.factoryPid(), "?");
    configuration.update(FrameworkUtil.asDictionary(device.properties()));
    return configuration;
  }

  ProfileLibrary profiles() {
    return profiles;
  }

  /** {@return the configurations of a device, of whatever component} */
  List<Configuration> configurationsOf(String machine, String device) {
    try {
      Configuration[] found =
          configurations.listConfigurations(
              "(&(" + MACHINE + "=" + machine + ")(nestor.device=" + device + "))");
      return found == null ? List.of() : List.of(found);
    } catch (IOException | InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@return whether there is a configuration with that PID} */
  boolean isConfigured(String pid) {
    try {
      return configurations.listConfigurations("(service.pid=" + pid + ")") != null;
    } catch (IOException | InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void configurationEvent(ConfigurationEvent event) {
    if (event.getType() == ConfigurationEvent.CM_DELETED) {
      for (Assembly assembly : assemblies.values()) {
        MachineComponent machine = assembly.machine();
        if (machine != null) {
          try {
            machine.configurationDeleted(event.getPid());
          } catch (MachineException e) {
            // It does not answer; whoever asks it next is told.
          }
        }
      }
    }
  }

  /** {@return the engine that a profile's word means: that of the name, or the best} */
  String engineName(String word) {
    return !word.equals(Profile.BEST_ENGINE) ? word : noHostEngine() == null ? HOST : PORTABLE;
  }

  /** {@return why the best engine is not the host-code engine, or null if it is} */
  String noHostEngine() {
    return Parts.obstacle(engines.get(HOST), HOST);
  }

  /** {@return the engine of that name, or null} */
  EngineFactory engine(String name) {
    return engines.get(name);
  }
}
