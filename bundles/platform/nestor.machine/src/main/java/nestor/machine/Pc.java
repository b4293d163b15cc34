// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import nestor.api.boot.MemoryLayout;
import nestor.api.device.Wire;
import nestor.api.profile.CpuSettings;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.Profile;
import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApic;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VirtualizationFactory;

/**
 * The parts of one machine, wired together. Used on the machine's thread only.
 *
 * <p>Apart from the engine and the devices nothing here is exchanged while the machine exists.
 */
final class Pc implements AutoCloseable {
  /** Translations in the architectural TLB of a vCPU. */
  private static final int TLB_ENTRIES = 8192;

  private static final int ALIGNMENT = 64;

  final Profile profile;
  final MachineClock clock;
  final EventLog events;
  final Vcpu[] vcpus;
  final Engine[] engines;
  final PhysicalMemoryControl memory;
  final Wires wires = new Wires();
  final ApicRouter router;
  final GuestRequests requests;
  final Schedule schedule;
  final DeviceSlots slots;
  final Consoles consoles;
  final TlbPolicies tlbPolicies;
  final VmBreakpoints breakpoints;
  final VmHub virtualMachines;
  final Held held = new Held();

  private final Arena arena = Arena.ofShared();
  private final Crew crew;
  private final int physicalBits;
  private final Map<String, Long> retiredBefore = new TreeMap<>();
  private long engineSince;
  private String engineName = "";

  /**
   * Makes the parts.
   *
   * @throws IllegalArgumentException if the profile asks for what the parts cannot do
   */
  Pc(
      Profile profile,
      Parts parts,
      Consoles consoles,
      long epochSeconds,
      LongSupplier hostNanos,
      Runnable wakeMachine) {
    this.profile = profile;
    this.consoles = consoles;
    this.clock = new MachineClock(profile.clock().hertz(), epochSeconds);
    this.events = new EventLog(clock::nanos);
    this.vcpus = new Vcpu[profile.cpus()];
    this.engines = new Engine[profile.cpus()];
    this.router = new ApicRouter(vcpus);
    this.tlbPolicies = new TlbPolicies(vcpus);
    this.crew =
        profile.execution() == Profile.Execution.PARALLEL
            ? new Crew(profile.name(), vcpus.length, engines, clock, wakeMachine)
            : null;
    this.schedule = crew == null ? new Turns(clock, vcpus, engines) : crew;
    this.requests =
        new GuestRequests(
            profile.memoryBytes(),
            profile.cpus(),
            profile.seed(),
            clock,
            events,
            crew == null ? () -> {} : crew::wakeMachineAndHalt);
    CpuRequest request = cpuRequest(profile);
    this.physicalBits = parts.cpu().physicalBits(request);
    this.memory = parts.memory().create(profile.memoryBytes(), MemoryLayout.LOW_RAM_END);
    if (crew != null) {
      clock.follow(new HostTime(hostNanos, crew, wakeMachine));
      memory.useRendezvous(crew);
    }
    for (int i = 0; i < vcpus.length; i++) {
      vcpus[i] = make(i, parts, request);
    }
    this.breakpoints = new VmBreakpoints(memory, clock::running, requests::hold);
    this.virtualMachines = new VmHub(vcpus, breakpoints);
    listenToBoard();
    SlotContext.Surroundings around =
        new SlotContext.Surroundings(clock, wires, memory.dma(router::message), consoles, requests);
    this.slots =
        new DeviceSlots(
            profile.devices().stream().map(DeviceSettings::name).toList(),
            around,
            memory,
            router,
            vcpus[0],
            events,
            hostNanos);
  }

  /** {@return what a profile asks of a CPU} */
  static CpuRequest cpuRequest(Profile profile) {
    CpuSettings cpu = profile.cpu();
    List<String> changes = new ArrayList<>();
    cpu.add().forEach(feature -> changes.add("+" + feature));
    cpu.remove().forEach(feature -> changes.add("-" + feature));
    return new CpuRequest(
        cpu.model(), changes, profile.cpus(), profile.clock().hertz(), profile.seed());
  }

  private Vcpu make(int index, Parts parts, CpuRequest request) {
    long block = arena.allocate(State.BYTES, ALIGNMENT).address();
    Vcpu v = new Vcpu(index, block);
    v.memory = memory;
    v.clock = clock;
    if (crew != null) {
      crew.add(v);
    }
    v.mmu = parts.mmu().create(v, TLB_ENTRIES, physicalBits);
    memory.addMmu(v.mmu);
    v.system = parts.cpu().create(v, request);
    LocalApic apic = parts.apic().create(new VcpuBus(clock, router, v, clock.hertz()), index);
    v.apic = crew == null ? apic : new GuardedApic(crew, apic);
    return v;
  }

  private void listenToBoard() {
    wires.net("intr").listen(router::external);
    wires.net("nmi").listen(router::nmi);
    wires.net("smi").listen(router::smi);
    wires.net("a20").listen(memory::setA20);
    // As on all boards, only the boot processor's pins lead anywhere.
    Wire ferr = wires.driver("ferr");
    vcpus[0].numericError = crew == null ? ferr : Guarded.wire(crew, ferr);
    wires.net("ignne").listen(high -> vcpus[0].ignoreNumericErrors = high);
  }

  /** Puts everything into its power-on state and loads the boot image. */
  void reset(BootImage image) {
    requests.clear();
    slots.reset();
    for (Vcpu v : vcpus) {
      v.apic.reset(false);
      v.system.reset();
      MemoryTypes.set(v, physicalBits);
      v.mmu.flushAll();
    }
    router.external(wires.net("intr").isHigh());
    vcpus[0].numericError.set(false);
    image.load(memory);
    image.enter(vcpus[0]);
    for (Engine engine : engines) {
      if (engine != null) {
        engine.flush();
      }
    }
    schedule.restart();
  }

  /** vCPUs whose model has the feature get hardware for virtual machines. */
  void useVirtualization(VirtualizationFactory factory) {
    for (Vcpu v : vcpus) {
      if (v.virtualization == null && v.core.offers(factory.feature())) {
        v.virtualization = factory.create(v);
      }
    }
    virtualMachines.update();
  }

  /** {@return whether a vCPU is in the middle of using that hardware} */
  boolean usesVirtualization(String feature) {
    for (Vcpu v : vcpus) {
      if (has(v, feature) && v.virtualization.isActive()) {
        return true;
      }
    }
    return false;
  }

  /** The hardware leaves: CPUID, MSRs and instructions tell so from the next instruction on. */
  void dropVirtualization(String feature) {
    for (Vcpu v : vcpus) {
      if (has(v, feature)) {
        v.virtualization.reset(false);
        v.virtualization = null;
      }
    }
  }

  private static boolean has(Vcpu v, String feature) {
    return v.virtualization != null && v.virtualization.feature().equals(feature);
  }

  /** Gives every vCPU an engine of that kind, in place of the one it has. */
  void useEngine(EngineFactory factory) {
    dropEngines();
    for (Vcpu v : vcpus) {
      engines[v.index] = factory.create(v);
    }
    engineName = factory.name();
  }

  /** The engines leave; the vCPUs keep their state. */
  void dropEngines() {
    if (hasEngine()) {
      retiredBefore.merge(engineName, clock.retired() - engineSince, Long::sum);
    }
    engineSince = clock.retired();
    for (Vcpu v : vcpus) {
      if (engines[v.index] != null) {
        engines[v.index].close();
        engines[v.index] = null;
      }
    }
  }

  boolean isParallel() {
    return crew != null;
  }

  boolean hasEngine() {
    return engines[0] != null;
  }

  /** {@return instructions retired on each engine so far} */
  Map<String, Long> retiredByEngine() {
    Map<String, Long> all = new TreeMap<>(retiredBefore);
    if (hasEngine()) {
      all.merge(engineName, clock.retired() - engineSince, Long::sum);
    }
    return all;
  }

  String engineName() {
    return engineName;
  }

  @Override
  public void close() {
    schedule.close();
    dropEngines();
    slots.detachAll();
    for (Vcpu v : vcpus) {
      memory.removeMmu(v.mmu);
    }
    memory.close();
    arena.close();
  }
}
