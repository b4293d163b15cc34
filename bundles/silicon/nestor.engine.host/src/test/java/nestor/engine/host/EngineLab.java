// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.List;
import nestor.apic.ApicFactory;
import nestor.cpu.CpuCores;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.testkit.GuestLab;
import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;

/** A whole vCPU in 64-bit mode that runs on an engine which the test can look into. */
final class EngineLab extends GuestLab {
  /** Where the code may store. */
  static final long DATA = 0x20_0000;

  private static final Checked CHECKED = new Checked();

  /** Keeps what it makes. */
  private static final class Checked implements EngineFactory {
    private HostEngine made;

    @Override
    public String name() {
      return "host,checked";
    }

    @Override
    public String unavailable() {
      return null;
    }

    @Override
    public Engine create(Vcpu vcpu) {
      made = new HostEngine(vcpu, true);
      return made;
    }
  }

  final HostEngine engine;

  EngineLab() {
    super(
        new Parts(
            new PcMemoryFactory(),
            new PagedMmuFactory(),
            new CpuCores(),
            new ApicFactory(),
            CHECKED),
        new CpuRequest("max", List.of(), 1, 1_000_000_000L, 1));
    powerOn(null, 0x620, 0xD01);
    engine = CHECKED.made;
  }

  /** Puts code where the vCPU stands. */
  void code(int... bytes) {
    bytes(L1_CODE, bytes);
  }

  /** Runs so many instructions from the start of the code on. */
  void run(long instructions) {
    set(State.RIP, L1_CODE);
    set(State.POSITION, 0);
    set(State.BUDGET, instructions);
    engine.run();
  }
}
