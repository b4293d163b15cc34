// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Records the next instructions of one vCPU or of all, as text. */
final class Tracing implements Schedule.Tracer {
  private final Pc pc;
  private final int cpu;
  private final int limit;
  private final List<String> lines = new ArrayList<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private final byte[] code = new byte[15];

  Tracing(Pc pc, int cpu, int limit) {
    this.pc = pc;
    this.cpu = cpu;
    this.limit = limit;
  }

  /** Records while the machine runs, and waits for it. */
  static List<String> run(MachineThread thread, Pc pc, RunLoop loop, int cpu, int limit)
      throws MachineException {
    Tracing tracing = new Tracing(pc, cpu, limit);
    boolean wasPaused = loop.state() == MachineState.PAUSED;
    thread.call(
        () -> {
          pc.schedule.setTracer(tracing);
          loop.resume();
          return null;
        });
    try {
      // An idle guest may never come so far: what it did until then is the answer.
      tracing.done.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return thread.call(
        () -> {
          pc.schedule.setTracer(null);
          if (wasPaused) {
            loop.pause();
          }
          return List.copyOf(tracing.lines);
        });
  }

  @Override
  public void before(Vcpu v) {
    if (lines.size() >= limit || (cpu >= 0 && v.index != cpu)) {
      return;
    }
    long rip = v.linearRip();
    int length = GuestReader.linear(v, rip, code);
    lines.add(
        String.format(
            "%12d  cpu%d  %016x  %s",
            pc.clock.retired(),
            v.index,
            rip,
            Listing.one(code, length, rip, (int) State.get(v.state, State.CODE_SIZE))));
    if (lines.size() >= limit) {
      done.countDown();
    }
  }
}
