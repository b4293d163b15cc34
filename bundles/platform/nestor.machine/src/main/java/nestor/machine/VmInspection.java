// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import nestor.api.command.NearestWord;
import nestor.api.machine.MachineException;
import nestor.api.machine.Translation;
import nestor.api.virt.Breakpoint;
import nestor.api.virt.ControlField;
import nestor.api.virt.ExitCount;
import nestor.api.virt.ExitWalk;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
import nestor.api.virt.VmListener;
import nestor.vcpu.Virtualization;

/** Asks the vCPUs' extensions at safepoints. */
final class VmInspection implements Inspection {
  private final String machine;
  private final Pc pc;
  private final MachineThread thread;

  VmInspection(String machine, Pc pc, MachineThread thread) {
    this.machine = machine;
    this.pc = pc;
    this.thread = thread;
  }

  /** {@return what the extensions of a vCPU answer, or something else if it has none} */
  private <T> T ask(int cpu, Function<Virtualization, T> question, T without)
      throws MachineException {
    if (cpu < 0 || cpu >= pc.vcpus.length) {
      throw new MachineException(machine + " has vCPUs 0 to " + (pc.vcpus.length - 1));
    }
    return thread.call(
        () -> {
          Virtualization virtual = pc.vcpus[cpu].virtualization;
          return virtual == null ? without : question.apply(virtual);
        });
  }

  @Override
  public String feature(int cpu) throws MachineException {
    return ask(cpu, Virtualization::feature, "");
  }

  @Override
  public long controlStructure(int cpu) throws MachineException {
    return ask(cpu, Virtualization::controlStructure, -1L);
  }

  @Override
  public List<ControlField> fields(int cpu) throws MachineException {
    return ask(cpu, Virtualization::fields, List.of());
  }

  @Override
  public List<String> check(int cpu) throws MachineException {
    return ask(
        cpu,
        Virtualization::check,
        List.of("vCPU " + cpu + " has no hardware for virtual machines"));
  }

  @Override
  public List<VmEvent> recentExits(int cpu) throws MachineException {
    return ask(cpu, Virtualization::recent, List.of());
  }

  @Override
  public List<ExitCount> exitCounts(int cpu) throws MachineException {
    return ask(cpu, Virtualization::exitCounts, List.of());
  }

  @Override
  public List<String> reasons(int cpu) throws MachineException {
    return ask(cpu, Virtualization::reasons, List.of());
  }

  @Override
  public List<String> fieldNames(int cpu) throws MachineException {
    return ask(cpu, v -> v.layout().stream().map(ControlField::name).toList(), List.of());
  }

  @Override
  public Optional<ExitWalk> lastExit(int cpu) throws MachineException {
    return ask(cpu, virtual -> Optional.ofNullable(LastExit.of(pc.vcpus[cpu])), Optional.empty());
  }

  @Override
  public Translation secondLevel(int cpu, long guestPhysical) throws MachineException {
    return ask(
        cpu,
        virtual -> LastExit.secondLevel(pc.vcpus[cpu], guestPhysical),
        new Translation(guestPhysical, guestPhysical, null, List.of()));
  }

  private <T> T atSafepoint(Supplier<T> what) throws MachineException {
    return thread.call(what::get);
  }

  @Override
  public Listening listen(VmListener listener) throws MachineException {
    order(() -> pc.virtualMachines.add(listener));
    return () -> {
      try {
        order(() -> pc.virtualMachines.remove(listener));
      } catch (MachineException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private void order(Runnable what) throws MachineException {
    thread.call(
        () -> {
          what.run();
          return null;
        });
  }

  @Override
  public List<Breakpoint> breakpoints() throws MachineException {
    return atSafepoint(pc.breakpoints::list);
  }

  @Override
  public Breakpoint setBreakpoint(VmEvent.Kind kind, String name) throws MachineException {
    boolean exit = kind == VmEvent.Kind.EXIT;
    List<String> known = exit ? reasons(0) : fieldNames(0);
    if (known.isEmpty()) {
      throw new MachineException(machine + " has no hardware for virtual machines");
    }
    String plain = VmBreakpoints.plain(name);
    for (String one : known) {
      if (VmBreakpoints.plain(one).equals(plain)) {
        return atSafepoint(
            () -> {
              Breakpoint set = pc.breakpoints.set(kind, one, pc.vcpus);
              pc.virtualMachines.update();
              return set;
            });
      }
    }
    String near = NearestWord.to(plain, known.stream().map(VmBreakpoints::plain).toList());
    throw new MachineException(
        "there is no "
            + (exit ? "exit reason " : "field ")
            + name
            + (near == null ? "" : "; did you mean " + near + "?"));
  }

  @Override
  public boolean removeBreakpoint(int number) throws MachineException {
    return atSafepoint(
        () -> {
          boolean removed = pc.breakpoints.remove(number);
          pc.virtualMachines.update();
          return removed;
        });
  }

  @Override
  public void onHold(Consumer<String> told) {
    pc.held.tell(told);
  }

  @Override
  public Optional<String> awaitHold(Duration limit) throws InterruptedException {
    return pc.held.await(limit);
  }
}
