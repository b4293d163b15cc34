// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import nestor.api.time.VirtualClock;
import nestor.vcpu.ApicBus;
import nestor.vcpu.Vcpu;

/** The surroundings of a local APIC that nobody talks to. */
record QuietBus(Vcpu vcpu) implements ApicBus {

  @Override
  public VirtualClock clock() {
    return vcpu.clock;
  }

  @Override
  public void send(
      int mode,
      int vector,
      int destination,
      boolean logical,
      boolean level,
      boolean assertLevel,
      int shorthand) {}

  @Override
  public void endOfInterrupt(int vector) {}

  @Override
  public void changed() {}

  @Override
  public long timerHertz() {
    return 1_000_000_000L;
  }

  @Override
  public long tsc() {
    return 0;
  }

  @Override
  public long tscHertz() {
    return 1_000_000_000L;
  }
}
