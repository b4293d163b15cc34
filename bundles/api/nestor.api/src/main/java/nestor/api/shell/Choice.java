// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import java.util.List;
import nestor.api.command.NearestWord;
import nestor.api.machine.CpuView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;

/** What the words of a shell command mean. */
public final class Choice {
  private Choice() {}

  /**
   * {@return the machine of that name, or the only one if the name is empty}
   *
   * @throws MachineException if there is none, or more than one to choose from
   */
  public static Machine machine(Machines machines, String name) throws MachineException {
    List<Machine> all = machines.list();
    List<String> names = all.stream().map(Machine::name).toList();
    if (name.isEmpty()) {
      if (all.size() == 1) {
        return all.getFirst();
      }
      throw new MachineException(
          all.isEmpty()
              ? "there is no machine; make one with: create PROFILE"
              : "which machine? Name one of " + String.join(", ", names));
    }
    for (Machine machine : all) {
      if (machine.name().equals(name)) {
        return machine;
      }
    }
    String near = NearestWord.to(name, names);
    throw new MachineException(
        "there is no machine " + name + (near == null ? "" : "; did you mean " + near + "?"));
  }

  /** Refuses a machine that is switched off. */
  public static void mustBeOn(Machine machine) throws MachineException {
    switch (machine.state()) {
      case CREATED, ENDED ->
          throw new MachineException(
              machine.name() + " is off; switch it on with: start " + machine.name());
      case RUNNING, PAUSED, AWAITING_DEVICE -> {}
    }
  }

  /** {@return the state of a vCPU} */
  public static CpuView cpu(Machine machine, int index) throws MachineException {
    List<CpuView> all = machine.cpus();
    if (index < 0 || index >= all.size()) {
      throw new MachineException(
          machine.name() + " has vCPUs 0 to " + (all.size() - 1) + ", not " + index);
    }
    return all.get(index);
  }

  /**
   * {@return an address: the name of a register, 0x and hexadecimal digits, or a decimal number}
   */
  public static long address(CpuView cpu, String text) {
    String word = text.startsWith("$") ? text.substring(1) : text;
    Long register = cpu.registers().get(word);
    if (register != null) {
      return word.equals("rip") ? cpu.linearRip() : register;
    }
    try {
      if (word.startsWith("0x") || word.startsWith("0X")) {
        return Long.parseUnsignedLong(word.substring(2).replace("_", ""), 16);
      }
      return word.endsWith("h")
          ? Long.parseUnsignedLong(word.substring(0, word.length() - 1), 16)
          : Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an address is a register's name, 0x and hexadecimal digits, or a decimal number, not "
              + text,
          e);
    }
  }
}
