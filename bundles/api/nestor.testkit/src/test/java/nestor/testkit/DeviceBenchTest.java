// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.Wire;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.time.Timer;
import org.junit.jupiter.api.Test;

class DeviceBenchTest {
  private final DeviceBench bench = new DeviceBench();

  @Test
  void timersRunInOrderOfDeadlineAndSeeTheirOwnTime() {
    List<String> log = new ArrayList<>();
    HandClock clock = bench.clock();
    Timer late = clock.timer("late", () -> log.add("late@" + clock.nanos()));
    Timer first = clock.timer("first", () -> log.add("first@" + clock.nanos()));
    Timer second = clock.timer("second", () -> log.add("second@" + clock.nanos()));
    late.arm(30);
    first.arm(10);
    second.arm(10);

    bench.advanceNanos(29);

    assertThat(log).containsExactly("first@10", "second@10");
    assertThat(clock.armedTimers()).containsExactly("late");
    assertThat(clock.nanos()).isEqualTo(29);
  }

  @Test
  void aTimerCanArmItselfAgainWithinOneAdvance() {
    List<Long> log = new ArrayList<>();
    Timer[] timer = new Timer[1];
    timer[0] =
        bench
            .clock()
            .timer(
                "tick",
                () -> {
                  log.add(bench.clock().nanos());
                  timer[0].arm(bench.clock().nanos() + 7);
                });
    timer[0].arm(7);

    bench.advanceNanos(21);

    assertThat(log).containsExactly(7L, 14L, 21L);
    assertThat(timer[0].deadlineNanos()).isEqualTo(28);
  }

  @Test
  void aWireIsHighWhileAnyDriverHoldsItAndListenersHearOfTheWholeWire() {
    List<Boolean> heard = new ArrayList<>();
    Wire one = bench.wire("isa3");
    Wire two = bench.wire("isa3");
    bench.wire("isa3").listen(heard::add);

    one.set(true);
    two.set(true);
    one.set(false);

    assertThat(heard).containsExactly(true);
    assertThat(bench.wires().isHigh("isa3")).isTrue();

    two.set(false);

    assertThat(heard).containsExactly(true, false);
  }

  @Test
  void handOverMovesStateAndTakesTheOldDevicesPinsAndTimersAway() {
    Pin before = bench.attach(new Pin());
    before.raise();
    Pin after = bench.attach(new Pin());

    bench.handOver(before, after);

    assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isTrue();
    assertThat(bench.wires().edges(DeviceBench.IRQ)).hasSize(1);
    assertThat(bench.clock().armedTimers()).containsExactly("pin");

    bench.detach(after);

    assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isFalse();
    assertThat(bench.clock().armedTimers()).isEmpty();
  }

  @Test
  void aFieldWrittenTwiceOrNeverIsAnError() {
    SavedState state = new SavedState();
    state.putLong("a", 1);

    assertThatThrownBy(() -> state.putLong("a", 2)).hasMessageContaining("twice");
    assertThatThrownBy(() -> state.getLong("b")).hasMessageContaining("no such field: b");
  }

  @Test
  void configurationsCarryTheDefaultsOfTheirAnnotation() {
    Settings settings = Configs.of(Settings.class, "width", 24);

    assertThat(settings.width()).isEqualTo(24);
    assertThat(settings.label()).isEqualTo("x");
  }

  @interface Settings {
    int width() default 32;

    String label() default "x";
  }

  private static final class Pin implements Device, Snapshottable {
    private Wire irq;
    private boolean high;

    @Override
    public void attach(DeviceContext context) {
      irq = context.irq();
      context.clock().timer("pin", () -> {}).arm(1000);
    }

    @Override
    public void detach() {}

    @Override
    public void reset() {}

    void raise() {
      high = true;
      irq.set(true);
    }

    @Override
    public SectionId section() {
      return new SectionId("pin", 1);
    }

    @Override
    public void save(StateWriter out) {
      out.putBoolean("high", high);
    }

    @Override
    public void restore(int version, StateReader in) {
      high = in.getBoolean("high");
      irq.set(high);
    }
  }
}
