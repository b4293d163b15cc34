// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.Map;
import nestor.vcpu.Engine;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private final Arena arena = Arena.ofConfined();
  private final Vcpu[] vcpus = {vcpu(0), vcpu(1)};
  private final ScriptedEngine[] engines = {
    new ScriptedEngine(vcpus[0]), new ScriptedEngine(vcpus[1])
  };
  private final MachineClock clock = new MachineClock(1_000_000_000L, 0);
  private final Turns turns = new Turns(clock, vcpus, engines);

  private Vcpu vcpu(int index) {
    return new Vcpu(index, arena.allocate(State.BYTES, 16).address());
  }

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void vcpusTakeTurnsOfTheSameLength() {
    for (int n = 0; n < 6; n++) {
      assertThat(turns.step(Long.MAX_VALUE)).isEqualTo(Turns.RAN);
    }

    assertThat(engines[0].retired).isEqualTo(3 * Turns.LENGTH);
    assertThat(engines[1].retired).isEqualTo(3 * Turns.LENGTH);
    assertThat(clock.ticks()).isEqualTo(6 * Turns.LENGTH);
  }

  @Test
  void aTimerInterruptsATurnWithoutEndingIt() {
    ClockTimer timer = clock.newTimer("t", () -> {});
    timer.arm(1_500);

    turns.step(Long.MAX_VALUE);
    long first = engines[1].retired + engines[0].retired;
    turns.step(Long.MAX_VALUE);

    assertThat(first).isEqualTo(1_500);
    assertThat(clock.ticks()).isEqualTo(Turns.LENGTH);
  }

  @Test
  void haltedVcpusWithAnInterruptTheyMayNotTakeLeaveTheMachineIdle() {
    for (Vcpu v : vcpus) {
      State.set(v.state, State.ACTIVITY, State.HALTED);
      v.pend(State.PENDING_INTERRUPT);
    }

    turns.step(Long.MAX_VALUE);
    turns.step(Long.MAX_VALUE);

    assertThat(turns.step(Long.MAX_VALUE)).isEqualTo(Turns.IDLE);
  }

  @Test
  void aFurtherEventLetsAHaltedVcpuTryAgain() {
    for (Vcpu v : vcpus) {
      State.set(v.state, State.ACTIVITY, State.HALTED);
      v.pend(State.PENDING_INTERRUPT);
    }
    turns.step(Long.MAX_VALUE);
    turns.step(Long.MAX_VALUE);
    vcpus[1].pend(State.PENDING_NMI);
    int runs = engines[1].runs;

    turns.step(Long.MAX_VALUE);

    assertThat(engines[1].runs).isEqualTo(runs + 1);
  }

  /** Retires its whole budget while active; stays halted otherwise, as with IF = 0. */
  private static final class ScriptedEngine implements Engine {
    private final Vcpu v;
    private long retired;
    private int runs;

    ScriptedEngine(Vcpu v) {
      this.v = v;
    }

    @Override
    public int run() {
      runs++;
      if (State.get(v.state, State.ACTIVITY) == State.HALTED) {
        v.attention(State.ATTENTION_EVENT);
        return HALTED;
      }
      retired += State.get(v.state, State.BUDGET);
      State.set(v.state, State.BUDGET, 0);
      return BUDGET;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public Map<String, Long> counters() {
      return Map.of();
    }
  }
}
