// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;

/** Who makes the parts of a machine that are not devices. */
record Parts(
    PhysicalMemoryFactory memory, MmuFactory mmu, SystemUnitFactory cpu, LocalApicFactory apic) {

  /** {@return why that engine cannot be used here with vCPUs in parallel, or null} */
  static String obstacle(EngineFactory engine, String name, boolean parallel) {
    String obstacle = obstacle(engine, name);
    return obstacle == null && parallel && !engine.runsInParallel()
        ? "the engine " + name + " cannot run vCPUs in parallel"
        : obstacle;
  }

  /** {@return why that engine cannot be used here, or null} */
  static String obstacle(EngineFactory engine, String name) {
    if (engine == null) {
      return "there is no engine " + name;
    }
    String unavailable = engine.unavailable();
    return unavailable == null
        ? null
        : "the engine " + name + " cannot run on this host: " + unavailable;
  }
}
