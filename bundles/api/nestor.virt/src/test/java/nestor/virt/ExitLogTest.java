// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.List;
import nestor.api.virt.ExitCount;
import nestor.api.virt.VmEvent;
import nestor.testkit.HandClock;
import nestor.testkit.VmRecorder;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import org.junit.jupiter.api.Test;

class ExitLogTest {
  private static final int REASONS = 4;
  private static final int ROUNDS = 20_000;

  private final Vcpu v = new Vcpu(3, Arena.ofAuto().allocate(State.BYTES, 64).address());
  private final HandClock clock = new HandClock();
  private final State3 state = new State3(v);
  private final ExitLog log = new ExitLog(state, new Words());

  private static final class State3 extends VirtualizationState {
    State3(Vcpu v) {
      super(v);
    }

    @Override
    public long structure() {
      return 0x1000;
    }
  }

  private static final class Words implements ExitWords {
    @Override
    public int slots() {
      return REASONS;
    }

    @Override
    public int slot(int reason) {
      return reason & 3;
    }

    @Override
    public int reason(int slot) {
      return slot;
    }

    @Override
    public String name(int reason) {
      return "R" + reason;
    }

    @Override
    public boolean isKnown(int slot) {
      return slot != 0;
    }

    @Override
    public String entry() {
      return "entry";
    }
  }

  private void exit(int reason, long rip) {
    State.set(v.state, State.RIP, rip);
    log.exited(v.exit(reason));
  }

  @Test
  void countsByLevelReasonAndAddressTheMostFrequentFirst() {
    exit(1, 0x10);
    exit(2, 0x20);
    exit(2, 0x20);
    exit(2, 0x30);
    state.target = (_, _) -> {};
    exit(2, 0x20);

    assertThat(log.exitCounts())
        .startsWith(new ExitCount(3, 2, "R2", 0x20, 2))
        .containsExactlyInAnyOrder(
            new ExitCount(3, 2, "R2", 0x20, 2),
            new ExitCount(3, 2, "R1", 0x10, 1),
            new ExitCount(3, 2, "R2", 0x30, 1),
            new ExitCount(3, 1, "R2", 0x20, 1));
    assertThat(log.counters()).containsEntry("exits", 5L).containsEntry("exits.R2", 4L);
  }

  @Test
  void losesNoExitWhereThereAreMoreAddressesThanRoom() {
    for (int i = 0; i < ROUNDS; i++) {
      exit(1, i * 0x1000L);
    }

    assertThat(log.exitCounts().stream().mapToLong(ExitCount::count).sum()).isEqualTo(ROUNDS);
    assertThat(log.exitCounts()).anyMatch(count -> count.rip() == -1);
  }

  @Test
  void remembersTheLastExitsWithTheirTimes() {
    v.clock = clock;
    for (int i = 0; i < 300; i++) {
      clock.advanceNanos(5);
      exit(1, i);
    }

    List<VmEvent> recent = log.recent();

    assertThat(recent).hasSize(256);
    assertThat(recent.getLast())
        .isEqualTo(new VmEvent(VmEvent.Kind.EXIT, 3, 2, clock.nanos(), "R1", 1, 299, 0, 0));
    assertThat(recent.getFirst().rip()).isEqualTo(44);
  }

  @Test
  void anObserverHearsUntilItIsTakenAway() {
    VmRecorder recorder = new VmRecorder();
    log.observe(recorder);
    log.entered();
    exit(1, 0x10);
    log.observe(null);
    exit(1, 0x20);

    assertThat(recorder.lines()).containsExactly("L2 entry 0x1000 at 0x0", "L2 exit R1 at 0x10");
  }

  @Test
  void allocatesNothingWhileNobodyLooks() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    everything(ROUNDS); // loads what it needs
    long before = threads.getCurrentThreadAllocatedBytes();
    everything(ROUNDS);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).as("bytes for %d events of each kind", ROUNDS).isLessThan(ROUNDS);
  }

  private void everything(int rounds) {
    for (int i = 0; i < rounds; i++) {
      log.entered();
      log.injected(0x8000_0020, 0);
      log.invalidated("INVEPT", 1, 0);
      log.written("field", i);
      exit(i & 3, i & 0xFF);
    }
  }
}
