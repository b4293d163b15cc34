// SPDX-License-Identifier: Apache-2.0
package nestor.device.rtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class RtcTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String START = "2026-11-22T13:59:58Z"; // a Sunday

  private final DeviceBench bench = new DeviceBench();
  private Rtc rtc = attached(START);

  @Test
  void showsTheConfiguredDateInBcdAndCountsOn() {
    assertThat(time()).containsExactly(0x58, 0x59, 0x13, 0x01, 0x22, 0x11, 0x26, 0x20);

    bench.advanceNanos(2 * SECOND);

    assertThat(time()).containsExactly(0x00, 0x00, 0x14, 0x01, 0x22, 0x11, 0x26, 0x20);
  }

  @Test
  void takesTheMachinesDateWhenNoneIsConfigured() {
    bench.clock().setEpochSeconds(Instant.parse("1999-12-31T23:59:59Z").getEpochSecond());
    rtc = attached("");
    bench.advanceNanos(SECOND);

    assertThat(time()).containsExactly(0x00, 0x00, 0x00, 0x07, 0x01, 0x01, 0x00, 0x20);
  }

  @Test
  void keepsTheCalendarForYears() {
    Random random = new Random(1);
    LocalDateTime expected = LocalDateTime.ofInstant(Instant.parse(START), ZoneOffset.UTC);
    for (int i = 0; i < 300; i++) {
      long seconds = random.nextInt(20 * 86_400);
      bench.advanceNanos(seconds * SECOND);
      expected = expected.plusSeconds(seconds);

      assertThat(time())
          .containsExactly(
              bcd(expected.getSecond()),
              bcd(expected.getMinute()),
              bcd(expected.getHour()),
              expected.getDayOfWeek().getValue() % 7 + 1,
              bcd(expected.getDayOfMonth()),
              bcd(expected.getMonthValue()),
              bcd(expected.getYear() % 100),
              bcd(expected.getYear() / 100));
    }
  }

  @Test
  void binaryAnd12HourFormatsApplyToWhatIsSetInThem() {
    set(0x0B, 0x84); // SET, binary, 12 hours
    set(4, 0x80 | 11); // 11 pm
    set(2, 59);
    set(0, 59);
    set(7, 31);
    set(8, 12);
    set(9, 99);
    set(0x32, 19);
    set(0x0B, 0x04);
    bench.advanceNanos(SECOND);

    assertThat(time()).containsExactly(0, 0, 12, 2, 1, 1, 0, 20);

    bench.advanceNanos(12 * 3600 * SECOND);

    assertThat(get(4)).isEqualTo(0x80 | 12);
  }

  @Test
  void announcesAnUpdateAndShowsOldTimeUntilItEnds() {
    bench.advanceNanos(SECOND - 2_228_001);

    assertThat(get(0x0A) & 0x80).isZero();

    bench.advanceNanos(1);

    assertThat(get(0x0A) & 0x80).isEqualTo(0x80);

    bench.advanceNanos(2_227_999);

    assertThat(get(0)).isEqualTo(0x58);

    bench.advanceNanos(1);

    assertThat(get(0x0A) & 0x80).isZero();
    assertThat(get(0)).isEqualTo(0x59);
  }

  @Test
  void setStopsUpdatesAndTheDividerStartsThemHalfASecondLater() {
    set(0x0B, 0x82);
    bench.advanceNanos(10 * SECOND);

    assertThat(get(0)).isEqualTo(0x58);

    set(0x0A, 0x76);
    bench.advanceNanos(SECOND / 3);
    set(0x0A, 0x26);
    set(0x0B, 0x02);
    bench.advanceNanos(SECOND / 2 - 1);

    assertThat(get(0)).isEqualTo(0x58);

    bench.advanceNanos(1);

    assertThat(get(0)).isEqualTo(0x59);
  }

  @Test
  void thePeriodicInterruptComesAtTheExactMultiplesOfItsRate() {
    set(0x0A, 0x26); // 1024 Hz
    set(0x0B, 0x42);
    int seen = 0;
    for (int i = 1; i <= 5000; i++) {
      bench.advanceNanos(bench.clock().nextDeadline() - bench.clock().nanos());

      assertThat(bench.clock().nanos()).isEqualTo(Math.ceilDiv(i * SECOND, 1024L));
      assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isTrue();
      seen += get(0x0C) == 0xC0 || i % 1024 == 0 ? 1 : 0;
      assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isFalse();
    }
    assertThat(seen).isEqualTo(5000);
  }

  @Test
  void theLineStaysHighAndNoTimerRunsUntilRegisterCIsRead() {
    set(0x0B, 0x42);
    bench.advanceNanos(10 * SECOND);

    assertThat(bench.wires().edges(DeviceBench.IRQ)).hasSize(1);
    assertThat(bench.clock().armedTimers()).isEmpty();
    assertThat(get(0x0C)).isEqualTo(0xD0);
    assertThat(get(0x0C)).isZero();
  }

  @Test
  void anAlarmWithWildcardsComesEveryMinute() {
    set(1, 0x30);
    set(3, 0xFF);
    set(5, 0xC0);
    set(0x0B, 0x22);
    bench.advanceNanos(200 * SECOND);

    assertThat(bench.wires().rises(DeviceBench.IRQ)).containsExactly(32 * SECOND);

    assertThat(get(0x0C) & 0xA0).isEqualTo(0xA0);
    bench.advanceNanos(13 * SECOND);
    assertThat(bench.wires().rises(DeviceBench.IRQ)).containsExactly(32 * SECOND, 212 * SECOND);
  }

  @Test
  void theUpdateEndedInterruptComesEachSecond() {
    set(0x0B, 0x12);
    for (int i = 0; i < 3; i++) {
      bench.advanceNanos(SECOND);

      assertThat(get(0x0C) & 0x90).isEqualTo(0x90);
    }
    assertThat(bench.wires().rises(DeviceBench.IRQ))
        .isEqualTo(List.of(SECOND, 2 * SECOND, 3 * SECOND));
  }

  @Test
  void flagsAreSetWithoutAnyTimerWhileInterruptsAreOff() {
    bench.advanceNanos(86_400 * SECOND);

    assertThat(bench.clock().armedTimers()).isEmpty();
    assertThat(get(0x0C)).isEqualTo(0x70);
  }

  @Test
  void anHpetInLegacyModeKeepsTheLineLow() {
    set(0x0B, 0x42);
    bench.wire("hpet.legacy").set(true);
    bench.advanceNanos(10 * SECOND);

    assertThat(bench.wires().rises(DeviceBench.IRQ)).isEmpty();
    assertThat(get(0x0C) & 0x40).isEqualTo(0x40);
  }

  @Test
  void aResetKeepsTimeAndMemoryAndSwitchesInterruptsOff() {
    set(0x0F, 0x0A);
    set(0x0B, 0x72);
    bench.advanceNanos(SECOND);

    rtc.reset();

    assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isFalse();
    assertThat(get(0x0B)).isEqualTo(0x02);
    assertThat(get(0x0F)).isEqualTo(0x0A);
    assertThat(get(0)).isEqualTo(0x59);
  }

  @Test
  void tellsMemorySizesAndMasksNmi() {
    bench.machine().configure(0x1_0000_0000L, 4, 1);
    rtc = attached(START);

    assertThat(get(0x34) | (get(0x35) << 8)).isEqualTo((0xC000_0000L - (16 << 20)) >>> 16);
    assertThat(get(0x5B) | (get(0x5C) << 8)).isEqualTo(0x4000_0000 >>> 16);
    assertThat(get(0x17) | (get(0x18) << 8)).isEqualTo(0xFFFF);
    assertThat(get(0x5F)).isEqualTo(3);
    assertThat(get(0x0D)).isEqualTo(0x80);

    rtc.write(0, 1, 0x8F);

    assertThat(bench.wires().isHigh("nmi.mask")).isTrue();
  }

  @Test
  void keepsTimePhaseAndInterruptAcrossAHotSwap() {
    set(0x0B, 0x12);
    bench.advanceNanos(SECOND * 3 / 2);
    Rtc after = attached("2000-01-01T00:00:00Z");

    bench.handOver(rtc, after);
    rtc = after;

    assertThat(get(0x0C)).isEqualTo(0xD0);
    bench.advanceNanos(SECOND / 2);
    assertThat(bench.wires().rises(DeviceBench.IRQ)).containsExactly(SECOND, 2 * SECOND);
    assertThat(get(0)).isZero();
  }

  @Test
  void aSnapshotRunsOnUnderAnotherClock() {
    set(0x0B, 0x42);
    bench.advanceNanos(SECOND * 7 / 3);
    get(0x0C);
    DeviceBench other = new DeviceBench();
    other.advanceNanos(SECOND * 9 + 1);
    Rtc copy = other.attach(new Rtc(Configs.of(Rtc.Config.class)));
    bench.copy(rtc, other, copy);

    bench.advanceNanos(SECOND * 2 / 3);
    other.advanceNanos(SECOND * 2 / 3);

    assertThat(other.save(copy)).isEqualTo(bench.save(rtc));
    assertThat(other.wires().rises(DeviceBench.IRQ).getLast() - SECOND * 9 - 1)
        .isEqualTo(bench.wires().rises(DeviceBench.IRQ).getLast() - SECOND * 7 / 3);
  }

  @Test
  void refusesADateItCannotRead() {
    assertThatThrownBy(() -> attached("tomorrow")).hasMessageContaining("tomorrow");
  }

  private Rtc attached(String date) {
    return bench.attach(new Rtc(Configs.of(Rtc.Config.class, "date", date)));
  }

  private List<Integer> time() {
    return List.of(get(0), get(2), get(4), get(6), get(7), get(8), get(9), get(0x32));
  }

  private int get(int cell) {
    rtc.write(0, 1, cell);
    return rtc.read(1, 1);
  }

  private void set(int cell, int value) {
    rtc.write(0, 1, cell);
    rtc.write(1, 1, value);
  }

  private static int bcd(int value) {
    return value / 10 * 16 + value % 10;
  }
}
