// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.List;
import nestor.apic.ApicFactory;
import nestor.cpu.CpuCores;
import nestor.engine.interpreter.InterpreterFactory;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.vcpu.EngineFactory;

/** The real parts of a machine, without a framework. */
public final class TestParts {
  private TestParts() {}

  /** {@return the commands' parts, with the interpreter as the only engine} */
  public static Parts all() {
    List<EngineFactory> engines = List.of(new InterpreterFactory());
    return new Parts(
        new PcMemoryFactory(), new PagedMmuFactory(), new CpuCores(), new ApicFactory(), engines);
  }
}
