// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import nestor.api.machine.Changes;
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
import nestor.api.virt.Inspection;
import nestor.vcpu.EngineFactory;

/** A machine as its users see it: what they order is done on the machine's own thread. */
abstract class MachineControls implements Machine {
  final MachineRegistry registry;
  final Assembly assembly;
  final Consoles consoles;
  final MachineThread thread;
  final Pc pc;
  final RunLoop loop;
  private final Plugs plugs;
  private final VmInspection virtualization;
  private final ChangeLog changes;
  private Ending ending;

  /** Makes everything but the devices. */
  MachineControls(MachineRegistry registry, Assembly assembly, Parts parts)
      throws MachineException {
    this.registry = registry;
    this.assembly = assembly;
    try {
      Profile profile = assembly.spec().profile();
      this.thread = new MachineThread(assembly.spec().name(), new Turn());
      this.consoles = new Consoles(thread::signal);
      long epoch = profile.clock().rtcStart().orElse(System.currentTimeMillis() / 1000);
      this.pc = new Pc(profile, parts, consoles, epoch, System::nanoTime, thread::wake);
      this.loop =
          new RunLoop(
              pc,
              assembly.image(),
              assembly.spec().reboots(),
              assembly.log(),
              System::nanoTime,
              this::ended);
      this.plugs = new Plugs(registry, assembly, pc, thread);
      this.changes = new ChangeLog(pc);
      this.virtualization = new VmInspection(name(), pc, thread);
    } catch (RuntimeException e) {
      assembly.failed(
          new MachineException(
              "machine " + assembly.spec().name() + " cannot be made: " + e.getMessage(), e));
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

    @Override
    public void beforeTasks() {
      loop.beforeTasks();
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

  final void order(Runnable what) throws MachineException {
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
  public boolean advance(long ticks) throws MachineException, InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    long before = thread.call(pc.clock::ticks);
    order(() -> loop.advance(ticks, held::countDown));
    held.await();
    return thread.call(
        () -> loop.state() == MachineState.PAUSED && pc.clock.ticks() - before >= ticks);
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
    String obstacle = Parts.obstacle(factory, engine, pc.isParallel());
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
  public Inspection virtualization() {
    return virtualization;
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
  public Changes changes() throws MachineException {
    return thread.call(changes::take);
  }

  @Override
  public List<String> translation(int cpu) throws MachineException {
    checkCpu(cpu);
    return thread.call(() -> EngineReport.at(pc, cpu));
  }

  @Override
  public List<List<String>> busiest(int most) throws MachineException {
    return thread.call(() -> EngineReport.busiest(pc, most));
  }

  @Override
  public String dump() throws MachineException {
    return thread.call(() -> Screen.of(pc));
  }
}
