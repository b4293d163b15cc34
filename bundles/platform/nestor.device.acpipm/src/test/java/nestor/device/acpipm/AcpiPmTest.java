// SPDX-License-Identifier: Apache-2.0
package nestor.device.acpipm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class AcpiPmTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String SCI = DeviceBench.IRQ;

  private final DeviceBench bench = new DeviceBench();

  @Test
  void theTimerWrapsAt24BitsUnlessConfiguredFor32() {
    AcpiPm narrow = attached(24);
    AcpiPm wide = attached(32);

    bench.advanceNanos(5 * SECOND);

    assertThat(wide.read(8, 4)).isEqualTo(5 * 3_579_545);
    assertThat(narrow.read(8, 4)).isEqualTo(5 * 3_579_545 - (1 << 24));
    assertThat(narrow.read(9, 1) & 0xFF).isEqualTo((5 * 3_579_545 >>> 8) & 0xFF);
  }

  @Test
  void theTimerIsExactAfterDays() {
    AcpiPm device = attached(32);
    long nanos = 40 * 86_400 * SECOND + 123_456_789;

    bench.advanceNanos(nanos);

    long exact =
        BigInteger.valueOf(nanos)
            .multiply(BigInteger.valueOf(3_579_545))
            .divide(BigInteger.valueOf(SECOND))
            .longValueExact();
    assertThat(device.read(8, 4)).isEqualTo((int) exact);
  }

  @Test
  void aCarryRaisesTheSciAsALevelUntilItsStatusIsCleared() {
    AcpiPm device = attached(24);
    device.write(2, 2, 1);

    bench.advanceNanos(3 * SECOND);

    long carry = (1L << 23) * SECOND / 3_579_545 + 1;
    assertThat(bench.wires().rises(SCI)).containsExactly(carry);
    assertThat(device.read(0, 2) & 0xFFFF).isEqualTo(1);
    assertThat(bench.clock().armedTimers()).isEmpty();

    device.write(0, 2, 1);

    assertThat(bench.wires().isHigh(SCI)).isFalse();

    bench.advanceNanos(2 * SECOND);

    assertThat(bench.wires().isHigh(SCI)).isTrue();
  }

  @Test
  void aCarryIsNotedWithoutATimerWhileItsInterruptIsOff() {
    AcpiPm device = attached(24);

    bench.advanceNanos(3 * SECOND);

    assertThat(bench.clock().armedTimers()).isEmpty();
    assertThat(device.read(0, 2) & 1).isEqualTo(1);
    assertThat(bench.wires().rises(SCI)).isEmpty();
  }

  @Test
  void linuxPowersOffWithSleepTypeThenSleepEnable() {
    AcpiPm device = attached(24);
    int control = device.read(4, 2) & 0xFFFF;

    assertThat(control & 1).isEqualTo(1);

    device.write(4, 2, control | (5 << 10));

    assertThat(bench.machine().powerOffs()).isZero();

    device.write(4, 2, control | (5 << 10) | 0x2000);

    assertThat(bench.machine().powerOffs()).isEqualTo(1);
    assertThat(device.read(4, 2) & 0xFFFF).isEqualTo((5 << 10) | 1);
  }

  @Test
  void otherSleepTypesWakeAtOnceAndAreNoted() {
    AcpiPm device = attached(24);

    device.write(4, 2, (1 << 10) | 0x2000);

    assertThat(bench.machine().powerOffs()).isZero();
    assertThat(bench.machine().notes()).hasSize(1);
    assertThat(device.read(0, 2) & 0x8000).isEqualTo(0x8000);
  }

  @Test
  void statusBitsOnlyClearAndTheEnablesKeepTheirDefinedBits() {
    AcpiPm device = attached(24);

    device.write(0, 4, 0xFFFF_FFFF);

    assertThat(device.read(0, 4)).isEqualTo(0x0721 << 16);
  }

  @Test
  void keepsCountingAcrossAHotSwap() {
    AcpiPm before = attached(24);
    before.write(2, 2, 1);
    bench.advanceNanos(3 * SECOND);
    AcpiPm after = attached(24);

    bench.handOver(before, after);
    bench.advanceNanos(SECOND);

    assertThat(after.read(8, 4)).isEqualTo(4 * 3_579_545);
    assertThat(bench.wires().edges(SCI)).hasSize(1);
  }

  @Test
  void refusesOtherWidths() {
    assertThatThrownBy(() -> attached(16)).hasMessageContaining("16");
  }

  private AcpiPm attached(int width) {
    return bench.attach(new AcpiPm(Configs.of(AcpiPm.Config.class, "width", width)));
  }
}
