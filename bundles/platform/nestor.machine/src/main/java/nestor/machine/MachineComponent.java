// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import nestor.api.device.Device;
import nestor.api.machine.Console;
import nestor.api.machine.CpuView;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineEvent;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.api.machine.Translation;
import nestor.api.profile.Profile;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.Virtualization;
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
 * A machine in the service registry: binds its parts, hands them to its own thread, and answers the
 * shell. The configuration names the machine; what it shall be is known to {@link MachineRegistry}.
 */
@Component(
    configurationPid = MachineComponent.PID,
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = Machine.class,
    immediate = true)
public final class MachineComponent implements Machine {
  static final String PID = "nestor.machine";

  private final Assembly assembly;
  private final MachineRegistry registry;
  private final Consoles consoles;
  private final MachineThread thread;
  private final Pc pc;
  private final RunLoop loop;
  private final InputLog log;
  private final Plugs plugs;
  private volatile boolean closed;
  private Ending ending;

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
    String name = String.valueOf(configuration.get("nestor.machine"));
    this.registry = registry;
    this.assembly = registry.assembly(name);
    if (assembly == null) {
      throw new MachineException("nobody has ordered a machine " + name);
    }
    try {
      Profile profile = assembly.spec().profile();
      this.log = openLog();
      this.thread = new MachineThread(name, new Turn());
      this.consoles = new Consoles(thread::signal);
      long epoch = profile.clock().rtcStart().orElse(System.currentTimeMillis() / 1000);
      this.pc =
          new Pc(profile, new Parts(memory, mmu, cpu, apic), consoles, epoch, System::nanoTime);
      consoles.open(profile.consoles());
      this.loop =
          new RunLoop(
              pc, assembly.image(), assembly.spec().reboots(), log, System::nanoTime, this::ended);
      this.plugs = new Plugs(registry, assembly, pc, thread);
    } catch (MachineException e) {
      assembly.failed(e);
      throw e;
    } catch (RuntimeException e) {
      assembly.failed(
          new MachineException("machine " + name + " cannot be made: " + e.getMessage(), e));
      throw e;
    }
  }

  /** Breaks the circle between the loop, which needs the parts, and the thread, which they need. */
  private final class Turn implements MachineThread.Work {
    @Override
    public long step() {
      return loop.step();
    }

    @Override
    public void signalled() {
      loop.signalled();
    }
  }

  private InputLog openLog() throws MachineException {
    if (assembly.spec().replay().isPresent()) {
      return InputLog.replay(assembly.spec().replay().get());
    }
    return assembly.spec().record().isPresent()
        ? InputLog.record(assembly.spec().record().get())
        : null;
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
    try {
      if (log != null) {
        log.close();
      }
    } catch (IOException e) {
      throw new MachineException("the record of input is not complete: " + e, e);
    } finally {
      assembly.left();
    }
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
          String wanted = pc.engineName().isEmpty() ? pc.profile.engine() : pc.engineName();
          if (!pc.hasEngine() && engine.name().equals(wanted)) {
            pc.useEngine(engine);
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

  /** All devices are there: puts them in. */
  void attachDevices() throws MachineException {
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

  private void ended(Ending how) {
    synchronized (this) {
      ending = how;
      notifyAll();
    }
  }

  @Override
  public String name() {
    return assembly.spec().name();
  }

  @Override
  public Profile profile() {
    return pc.profile;
  }

  @Override
  public MachineState state() {
    return loop.state();
  }

  @Override
  public long nanos() {
    return quietly(pc.clock::nanos);
  }

  @Override
  public long instructions() {
    return quietly(pc.clock::retired);
  }

  private long quietly(LongSupplier number) {
    try {
      return thread.call(number::getAsLong);
    } catch (MachineException e) {
      throw new IllegalStateException(e);
    }
  }

  private void order(Runnable what) throws MachineException {
    thread.call(
        () -> {
          what.run();
          return null;
        });
  }

  @Override
  public void start() throws MachineException {
    synchronized (this) {
      ending = null;
    }
    order(loop::powerOn);
  }

  @Override
  public void pause() throws MachineException {
    order(loop::pause);
  }

  @Override
  public void resume() throws MachineException {
    order(loop::resume);
  }

  @Override
  public void reset() throws MachineException {
    start();
  }

  @Override
  public void stop() throws MachineException {
    order(() -> loop.end(new Ending(Ending.Kind.STOPPED, 0, "stopped by the user")));
  }

  @Override
  public Optional<Ending> ending() {
    synchronized (this) {
      return Optional.ofNullable(ending);
    }
  }

  @Override
  public Optional<Ending> await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (this) {
      while (ending == null) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          break;
        }
        wait(left);
      }
      return Optional.ofNullable(ending);
    }
  }

  @Override
  public List<CpuView> cpus() throws MachineException {
    return thread.call(() -> Arrays.stream(pc.vcpus).map(v -> CpuReader.read(pc, v)).toList());
  }

  @Override
  public byte[] read(int cpu, long address, int length) throws MachineException {
    byte[] bytes = new byte[length];
    checkCpu(cpu);
    int count =
        thread.call(
            () ->
                cpu < 0
                    ? GuestReader.physical(pc.memory, address, bytes)
                    : GuestReader.linear(pc.vcpus[cpu], address, bytes));
    return Arrays.copyOf(bytes, count);
  }

  private void checkCpu(int cpu) throws MachineException {
    if (cpu >= pc.vcpus.length) {
      throw new MachineException(name() + " has vCPUs 0 to " + (pc.vcpus.length - 1));
    }
  }

  @Override
  public Translation translate(int cpu, long linear) throws MachineException {
    checkCpu(cpu);
    return thread.call(() -> pc.vcpus[cpu].mmu.explain(linear, false, false, false));
  }

  @Override
  public List<DeviceView> devices() throws MachineException {
    return thread.call(() -> pc.slots.all().stream().map(DeviceSlot::view).toList());
  }

  @Override
  public void plug(String device, String settings) throws MachineException {
    plugs.plug(device, settings);
  }

  @Override
  public void unplug(String device) throws MachineException {
    plugs.unplug(device);
  }

  @Override
  public Duration swap(String device, String pid) throws MachineException {
    return plugs.swap(device, pid);
  }

  @Override
  public void useEngine(String engine) throws MachineException {
    EngineFactory factory = registry.engine(engine);
    String obstacle = Parts.obstacle(factory, engine);
    if (obstacle != null) {
      throw new MachineException(
          obstacle + "; there are: " + String.join(", ", registry.engines()));
    }
    thread.call(
        () -> {
          pc.useEngine(factory);
          pc.events.add("engine " + engine);
          return null;
        });
  }

  @Override
  public Map<String, Long> controlStructure(int cpu) throws MachineException {
    Virtualization virtual = virtualization(cpu);
    return virtual == null ? Map.of() : thread.call(virtual::fields);
  }

  @Override
  public List<String> controlStructureCheck(int cpu) throws MachineException {
    Virtualization virtual = virtualization(cpu);
    return virtual == null
        ? List.of("vCPU " + cpu + " has no hardware for virtual machines")
        : thread.call(virtual::check);
  }

  @Override
  public List<String> exits(int cpu) throws MachineException {
    Virtualization virtual = virtualization(cpu);
    return virtual == null ? List.of() : thread.call(virtual::recent);
  }

  private Virtualization virtualization(int cpu) throws MachineException {
    checkCpu(cpu);
    return thread.call(() -> pc.vcpus[cpu].virtualization);
  }

  @Override
  public Map<String, Boolean> strategies() throws MachineException {
    return thread.call(pc.tlbPolicies::list);
  }

  @Override
  public void useStrategy(String kind, String name) throws MachineException {
    thread.call(
        () -> {
          pc.tlbPolicies.use(kind, name);
          pc.events.add("strategy " + kind + " " + name);
          return null;
        });
  }

  @Override
  public List<Console> consoles() {
    return consoles.list();
  }

  @Override
  public List<MachineEvent> events() {
    return pc.events.list();
  }

  @Override
  public List<String> trace(int cpu, int instructions) throws MachineException {
    checkCpu(cpu);
    return Tracing.run(thread, pc, loop, cpu, instructions);
  }

  @Override
  public Map<String, Object> stats() throws MachineException {
    return thread.call(() -> Stats.of(pc, loop));
  }

  @Override
  public String digest() throws MachineException {
    return thread.call(() -> Digest.of(pc));
  }

  @Override
  public String dump() throws MachineException {
    return thread.call(() -> Screen.of(pc));
  }
}
