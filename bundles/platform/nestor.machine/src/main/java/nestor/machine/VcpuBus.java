// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.time.VirtualClock;
import nestor.vcpu.ApicBus;
import nestor.vcpu.Vcpu;

/** The rest of the machine as one vCPU's local APIC sees it. */
final class VcpuBus implements ApicBus {
  private final MachineClock clock;
  private final ApicRouter router;
  private final Vcpu vcpu;
  private final long timerHertz;

  VcpuBus(MachineClock clock, ApicRouter router, Vcpu vcpu, long timerHertz) {
    this.clock = clock;
    this.router = router;
    this.vcpu = vcpu;
    this.timerHertz = timerHertz;
  }

  @Override
  public VirtualClock clock() {
    return clock;
  }

  @Override
  public Vcpu vcpu() {
    return vcpu;
  }

  @Override
  public void send(
      int mode,
      int vector,
      int destination,
      boolean logical,
      boolean level,
      boolean assertLevel,
      int shorthand) {
    router.send(vcpu, mode, vector, destination, logical, level, assertLevel, shorthand);
  }

  @Override
  public void endOfInterrupt(int vector) {
    router.endOfInterrupt(vector);
  }

  @Override
  public void changed() {
    if (vcpu.apic != null) { // not while it is being made
      ApicRouter.refresh(vcpu, vcpu.apic);
    }
  }

  @Override
  public long timerHertz() {
    return timerHertz;
  }

  @Override
  public long tsc() {
    return vcpu.system.tsc();
  }

  @Override
  public long tscHertz() {
    return clock.hertz();
  }
}
