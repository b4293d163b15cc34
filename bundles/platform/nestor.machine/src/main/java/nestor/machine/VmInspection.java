// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.List;
import java.util.function.Function;
import nestor.api.machine.MachineException;
import nestor.api.virt.ControlField;
import nestor.api.virt.ExitCount;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
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
}
