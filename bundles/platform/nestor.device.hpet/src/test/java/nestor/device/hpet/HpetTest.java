// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import nestor.testkit.FakeMemory.Message;
import org.junit.jupiter.api.Test;

class HpetTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xF0;

  private final DeviceBench bench = new DeviceBench();
  private Hpet hpet = attached();

  @Test
  void capabilitiesNameThreeComparatorsOf64BitsAndThePeriod() {
    assertThat(hpet.load(0, 8)).isEqualTo(100_000_000L << 32 | 0x8086_A201L);
    assertThat(hpet.load(4, 4)).isEqualTo(100_000_000);
    assertThat(hpet.load(0x100, 8)).isEqualTo(0x00F0_0000_0000_8030L);
  }

  @Test
  void theCounterRunsWhileEnabledAndCanBeSet() {
    bench.advanceNanos(SECOND);

    assertThat(hpet.load(COUNTER, 8)).isZero();

    hpet.store(COUNTER, 8, 0xFFFF_FFFF_0000L);
    hpet.store(CONFIGURATION, 4, 1);
    bench.advanceNanos(10_050);

    assertThat(hpet.load(COUNTER, 8)).isEqualTo(0xFFFF_FFFF_0000L + 100);
    assertThat(hpet.load(COUNTER + 4, 4)).isEqualTo(0xFFFF);

    hpet.store(CONFIGURATION, 4, 0);
    bench.advanceNanos(SECOND);

    assertThat(hpet.load(COUNTER, 8)).isEqualTo(0xFFFF_FFFF_0000L + 100);
  }

  @Test
  void anOddPeriodStaysExactForMonths() {
    long period = 69_841_279; // 14.31818 MHz
    hpet = bench.attach(new Hpet(Configs.of(Hpet.Config.class, "period", period)));
    hpet.store(CONFIGURATION, 4, 1);
    long nanos = 200 * 86_400 * SECOND + 7;

    bench.advanceNanos(nanos);

    long exact =
        BigInteger.valueOf(nanos)
            .multiply(BigInteger.valueOf(1_000_000))
            .divide(BigInteger.valueOf(period))
            .longValueExact();
    assertThat(hpet.load(COUNTER, 8)).isEqualTo(exact);
  }

  @Test
  void linuxSetsAPeriodicLegacyTickAndItNeverDrifts() {
    long delta = 40_000; // 4 ms
    hpet.store(CONFIGURATION, 4, 3);
    long config = hpet.load(0x100, 4) | 0x04 | 0x08 | 0x40 | 0x100;
    hpet.store(0x100, 4, config);
    hpet.store(0x108, 4, hpet.load(COUNTER, 4) + delta);
    bench.advanceNanos(1000);
    hpet.store(0x108, 4, delta);

    bench.advanceNanos(3600 * SECOND - 1000);

    List<Long> rises = bench.wires().rises("isa0");
    assertThat(rises).hasSize(900_000);
    for (int k = 1; k <= rises.size(); k++) {
      assertThat(rises.get(k - 1)).isEqualTo(k * 4_000_000L);
    }
    assertThat(bench.wires().isHigh("hpet.legacy")).isTrue();
    assertThat(hpet.load(0x100, 4) & 0x40).isZero();
  }

  @Test
  void aOneShotFiresAtItsComparatorAndAgainOnlyAfter32BitsHaveWrapped() {
    hpet.store(CONFIGURATION, 4, 1);
    route(1, 20, 0x104);
    hpet.store(0x128, 4, 5000);

    bench.advanceNanos(SECOND);

    assertThat(bench.wires().rises("gsi20")).containsExactly(500_000L);
    assertThat(hpet.load(STATUS, 4)).isZero();

    bench.advanceNanos((1L << 32) * 100);

    assertThat(bench.wires().rises("gsi20")).containsExactly(500_000L, 500_000 + (1L << 32) * 100);
  }

  @Test
  void aLevelStaysUntilItsStatusBitIsClearedAndNeedsNoTimerMeanwhile() {
    hpet.store(CONFIGURATION, 4, 1);
    route(2, 23, 0x0E | 0x40);
    hpet.store(0x148, 8, 1000);
    bench.advanceNanos(SECOND);

    assertThat(bench.wires().edges("gsi23")).hasSize(1);
    assertThat(hpet.load(STATUS, 4)).isEqualTo(4);
    assertThat(bench.clock().armedTimers()).isEmpty();

    hpet.store(STATUS, 4, 4);

    assertThat(bench.wires().isHigh("gsi23")).isFalse();

    bench.advanceNanos(100_000);

    assertThat(bench.wires().rises("gsi23")).containsExactly(100_000L, SECOND + 100_000);
  }

  @Test
  void withItsInterruptOffAComparatorSetsItsStatusAndRunsWithoutATimer() {
    hpet.store(CONFIGURATION, 4, 1);
    route(0, 20, 0x02);
    hpet.store(0x108, 8, 1000);
    bench.advanceNanos(SECOND);

    assertThat(bench.clock().armedTimers()).isEmpty();
    assertThat(hpet.load(STATUS, 4)).isEqualTo(1);
    assertThat(bench.wires().rises("gsi20")).isEmpty();
  }

  @Test
  void aMessageGoesToTheAddressInTheUpperHalf() {
    hpet.store(CONFIGURATION, 4, 1);
    hpet.store(0x110, 4, 0x4041);
    hpet.store(0x114, 4, 0xFEE0_1000L);
    hpet.store(0x100, 4, 0x4004);
    hpet.store(0x108, 8, 10);
    bench.advanceNanos(SECOND);

    assertThat(bench.memory().messages()).containsExactly(new Message(0xFEE0_1000L, 0x4041));
  }

  @Test
  void aRouteThatDoesNotExistDoesNotTake() {
    route(0, 21, 0);
    route(0, 3, 0);

    assertThat((hpet.load(0x100, 4) >>> 9) & 0x1F).isEqualTo(21);
  }

  @Test
  void narrowWritesAreDroppedAndNoted() {
    hpet.store(CONFIGURATION, 1, 1);

    assertThat(hpet.load(CONFIGURATION, 4)).isZero();
    assertThat(bench.machine().notes()).hasSize(1);
  }

  @Test
  void legacyReplacementNeedsTheEnableBit() {
    hpet.store(CONFIGURATION, 4, 2);

    assertThat(bench.wires().isHigh("hpet.legacy")).isFalse();

    hpet.store(CONFIGURATION, 4, 3);

    assertThat(bench.wires().isHigh("hpet.legacy")).isTrue();
  }

  @Test
  void keepsCounterAndComparatorsAcrossAHotSwap() {
    hpet.store(CONFIGURATION, 4, 1);
    route(0, 22, 0x0C | 0x40);
    hpet.store(0x108, 8, 10_000);
    bench.advanceNanos(2_500_050);
    Hpet after = attached();

    bench.handOver(hpet, after);
    bench.advanceNanos(2_000_000);

    assertThat(after.load(COUNTER, 8)).isEqualTo(45_000);
    assertThat(bench.wires().rises("gsi22"))
        .containsExactly(1_000_000L, 2_000_000L, 3_000_000L, 4_000_000L);
  }

  @Test
  void aSnapshotRunsOnUnderAnotherClock() {
    hpet.store(CONFIGURATION, 4, 1);
    route(0, 22, 0x0C | 0x40);
    hpet.store(0x108, 8, 10_000);
    bench.advanceNanos(2_500_050);
    DeviceBench other = new DeviceBench();
    other.advanceNanos(777);
    Hpet copy = other.attach(new Hpet(Configs.of(Hpet.Config.class)));
    bench.copy(hpet, other, copy);

    bench.advanceNanos(1_000_049);
    other.advanceNanos(1_000_049);

    assertThat(copy.load(COUNTER, 8)).isEqualTo(hpet.load(COUNTER, 8));
    assertThat(other.save(copy)).isEqualTo(bench.save(hpet));
    assertThat(other.wires().rises("gsi22")).containsExactly(777 + 499_950L);
  }

  @Test
  void refusesAPeriodLongerThanTheSpecificationAllows() {
    assertThatThrownBy(() -> new Hpet(Configs.of(Hpet.Config.class, "period", 100_000_001L)))
        .hasMessageContaining("100000001");
  }

  private Hpet attached() {
    return bench.attach(new Hpet(Configs.of(Hpet.Config.class)));
  }

  private void route(int comparator, int input, int config) {
    hpet.store(0x100 + 0x20 * comparator, 4, config | (input << 9));
  }
}
