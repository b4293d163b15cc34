// SPDX-License-Identifier: Apache-2.0
package nestor.device.pit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PitTest {
  private static final long HOUR = 3_600_000_000_000L;

  private final DeviceBench bench = new DeviceBench();
  private Pit pit;

  @BeforeEach
  void attach() {
    pit = bench.attach(new Pit(Configs.of(Pit.Config.class)));
  }

  @Test
  void aPeriodicTickNeverDriftsFromTheClosedForm() {
    int count = 11_932; // Linux at HZ=100
    program(0, 2, count);
    bench.wires().forgetEdges();
    bench.advanceNanos(5 * HOUR);

    List<Long> rises = bench.wires().rises("isa0");

    assertThat(rises).hasSize(ticksIn(5 * HOUR, count));
    for (int k = 1; k <= rises.size(); k++) {
      assertThat(rises.get(k - 1)).isEqualTo(nanosOfTick(1 + (long) k * count));
    }
  }

  @Test
  void aSquareWaveRisesOncePerPeriod() {
    program(0, 3, 0);
    bench.advanceNanos(HOUR / 60);

    List<Long> rises = bench.wires().rises("isa0");

    // The first rise is the control word itself, which takes OUT from low to high.
    assertThat(rises.getFirst()).isZero();
    assertThat(rises).hasSize(1 + ticksIn(HOUR / 60, 65_536));
    assertThat(rises.getLast()).isEqualTo(nanosOfTick(1 + 65_536L * (rises.size() - 1)));
  }

  @Test
  void aOneShotInterruptsOnceAndLeavesNoTimerArmed() {
    program(0, 0, 1000);
    bench.advanceNanos(HOUR);

    assertThat(bench.wires().rises("isa0")).containsExactly(nanosOfTick(1001));
    assertThat(bench.clock().armedTimers()).isEmpty();
  }

  @Test
  void aSoftwareStrobeRisesOneTickAfterItsCountAndCanBeRestarted() {
    program(0, 4, 500);
    bench.wires().forgetEdges();
    bench.advanceNanos(nanosOfTick(400));
    pit.write(0, 1, 500 & 0xFF);
    pit.write(0, 1, 500 >>> 8);
    bench.advanceNanos(HOUR);

    assertThat(bench.wires().rises("isa0")).containsExactly(nanosOfTick(400 + 1 + 500 + 1));
  }

  @Test
  void linuxCalibratesTheTscByPollingTheHighByteOfChannel2() {
    pit.write(4, 1, (pit.read(4, 1) & ~0x02) | 0x01);
    pit.write(3, 1, 0xB0);
    pit.write(2, 1, 0xFF);
    pit.write(2, 1, 0xFF);
    long lastHigh = 0xFF;
    long[] changedAt = new long[256];

    while (lastHigh > 0xC0) {
      pit.read(2, 1);
      int high = pit.read(2, 1);
      if (high != lastHigh) {
        assertThat(high).isEqualTo((int) lastHigh - 1);
        lastHigh = high;
        changedAt[high] = bench.clock().nanos();
      }
      bench.advanceNanos(1000);
    }

    long measured = changedAt[0xC0] - changedAt[0xF0];
    long expected = nanosOfTick(0x30 * 256);
    assertThat(measured).isBetween(expected - 1000, expected + 1000);
  }

  @Test
  void channel2OutReadsBackOnPort61AndItsGateStopsIt() {
    pit.write(4, 1, 0x01);
    pit.write(3, 1, 0xB0);
    pit.write(2, 1, 100);
    pit.write(2, 1, 0);
    bench.advanceNanos(nanosOfTick(51));
    pit.write(4, 1, 0x00);
    bench.advanceNanos(nanosOfTick(1000));

    assertThat(pit.read(4, 1) & 0x21).isZero();

    pit.write(4, 1, 0x01);
    bench.advanceNanos(nanosOfTick(49));

    assertThat(pit.read(4, 1) & 0x20).isZero();

    bench.advanceNanos(2000);

    assertThat(pit.read(4, 1) & 0x20).isEqualTo(0x20);
    assertThat(bench.clock().armedTimers()).isEmpty();
  }

  @Test
  void theRefreshBitTogglesEvery15Microseconds() {
    int toggles = 0;
    int before = pit.read(4, 1) & 0x10;
    for (int i = 0; i < 1000; i++) {
      bench.advanceNanos(1000);
      int now = pit.read(4, 1) & 0x10;
      toggles += now == before ? 0 : 1;
      before = now;
    }

    assertThat(toggles).isBetween(65, 67);
  }

  @Test
  void aReadBackOfBothGivesStatusFirstAndThenTheLatchedCount() {
    program(0, 2, 0x1234);
    bench.advanceNanos(nanosOfTick(1 + 0x34));
    pit.write(3, 1, 0xC2);
    bench.advanceNanos(1_000_000);

    assertThat(pit.read(0, 1)).isEqualTo(0xB4);
    assertThat(pit.read(0, 1) | (pit.read(0, 1) << 8)).isEqualTo(0x1200);
  }

  @Test
  void statusTellsThatACountIsNotYetLoaded() {
    bench.advanceNanos(nanosOfTick(10));
    program(0, 2, 100);
    pit.write(3, 1, 0xE2);

    assertThat(pit.read(0, 1) & 0x40).isEqualTo(0x40);

    bench.advanceNanos(900);
    pit.write(3, 1, 0xE2);

    assertThat(pit.read(0, 1) & 0x40).isZero();
  }

  @Test
  void anHpetInLegacyModeSilencesCounter0() {
    program(0, 2, 1000);
    var legacy = bench.wire("hpet.legacy");
    bench.advanceNanos(nanosOfTick(500));
    bench.wires().forgetEdges();
    legacy.set(true);
    bench.advanceNanos(HOUR);

    assertThat(bench.wires().rises("isa0")).isEmpty();
    assertThat(bench.clock().armedTimers()).isEmpty();

    legacy.set(false);

    assertThat(bench.clock().armedTimers()).hasSize(1);
  }

  @Test
  void keepsItsPhaseAcrossAHotSwap() {
    program(0, 2, 1000);
    bench.advanceNanos(123_456_789);
    Pit after = bench.attach(new Pit(Configs.of(Pit.Config.class)));
    bench.handOver(pit, after);
    bench.wires().forgetEdges();

    bench.advanceNanos(1_000_000);

    long next = ((123_456_789L * 21 / 17_600 - 1) / 1000 + 1) * 1000 + 1;
    assertThat(bench.wires().rises("isa0").getFirst()).isEqualTo(nanosOfTick(next));
  }

  @Test
  void aHotSwapLeavesTheLineAsItIsThoughTheOutputIsLow() {
    program(0, 3, 0);
    bench.advanceNanos(nanosOfTick(65_536L + 40_000));
    bench.wires().forgetEdges();
    Pit after = bench.attach(new Pit(Configs.of(Pit.Config.class)));

    bench.handOver(pit, after);

    assertThat(bench.wires().edges("isa0")).isEmpty();
    assertThat(bench.wires().isHigh("isa0")).isTrue();
  }

  @Test
  void aSnapshotRunsOnUnderAnotherClock() {
    program(0, 2, 777);
    bench.advanceNanos(123_456_789);
    DeviceBench other = new DeviceBench();
    other.advanceNanos(5_000_000_001L);
    Pit copy = other.attach(new Pit(Configs.of(Pit.Config.class)));
    bench.copy(pit, other, copy);
    bench.wires().forgetEdges();
    other.wires().forgetEdges();

    bench.advanceNanos(HOUR / 3600);
    other.advanceNanos(HOUR / 3600);

    long apart = 5_000_000_001L - 123_456_789;
    assertThat(other.wires().rises("isa0"))
        .isEqualTo(bench.wires().rises("isa0").stream().map(nanos -> nanos + apart).toList());
    assertThat(other.save(copy)).isEqualTo(bench.save(pit));
  }

  private void program(int counter, int mode, int count) {
    pit.write(3, 1, (counter << 6) | 0x30 | (mode << 1));
    pit.write(counter, 1, count & 0xFF);
    pit.write(counter, 1, count >>> 8);
  }

  /** The first whole nanosecond at or after a tick of the 105/88 MHz clock. */
  private static long nanosOfTick(long tick) {
    BigInteger[] parts =
        BigInteger.valueOf(tick)
            .multiply(BigInteger.valueOf(88_000))
            .divideAndRemainder(BigInteger.valueOf(105));
    return parts[0].longValueExact() + (parts[1].signum() == 0 ? 0 : 1);
  }

  private static int ticksIn(long nanos, long count) {
    return (int) ((nanos * 105 / 88_000 - 1) / count);
  }
}
