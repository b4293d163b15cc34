// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;

/** The installed parts that machines can be made of. */
public record Parts(
    PhysicalMemoryFactory memory,
    MmuFactory mmu,
    SystemUnitFactory cpu,
    LocalApicFactory apic,
    List<EngineFactory> engines) {

  /** {@return the parts of a machine with the engine of that name} */
  public Machine.Parts with(String name) throws CommandException {
    List<String> names = new ArrayList<>();
    for (EngineFactory engine : engines) {
      if (engine.name().equals(name)) {
        if (engine.unavailable() != null) {
          throw new CommandException(
              Command.BAD_INPUT, "engine " + name + " cannot run here: " + engine.unavailable());
        }
        return new Machine.Parts(memory, mmu, cpu, apic, engine);
      }
      names.add(engine.name());
    }
    throw new CommandException(
        Command.USAGE, "unknown engine " + name + VectorOptions.hint(name, names));
  }
}
