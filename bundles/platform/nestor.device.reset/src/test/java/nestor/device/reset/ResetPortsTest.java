// SPDX-License-Identifier: Apache-2.0
package nestor.device.reset;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class ResetPortsTest {
  private final DeviceBench bench = new DeviceBench();
  private final ResetPorts ports =
      bench.attach(new ResetPorts(Configs.of(ResetPorts.Config.class)));

  @Test
  void linuxResetsThroughCf9InTwoSteps() {
    ports.write(0, 1, (ports.read(0, 1) & ~0x0E) | 0x02);

    assertThat(bench.machine().resets()).isEmpty();

    ports.write(0, 1, 0x06);

    assertThat(bench.machine().resets()).containsExactly("hard reset by port CF9h");
  }

  @Test
  void theResetBitActsOnItsRiseOnly() {
    ports.write(0, 1, 0x04);
    ports.write(0, 1, 0x04);

    assertThat(bench.machine().resets()).containsExactly("soft reset by port CF9h");
  }

  @Test
  void port92GatesA20AndResetsOnTheRiseOfBit0() {
    assertThat(bench.wires().isHigh("a20")).isTrue();

    ports.write(1, 1, 0x00);

    assertThat(bench.wires().isHigh("a20")).isFalse();
    assertThat(ports.read(1, 1)).isZero();

    ports.write(1, 1, 0x03);
    ports.write(1, 1, 0x03);

    assertThat(bench.wires().isHigh("a20")).isTrue();
    assertThat(bench.machine().resets()).containsExactly("fast reset by port 92h");
  }

  @Test
  void keepsTheGateAcrossAHotSwap() {
    ports.write(1, 1, 0x00);
    ResetPorts after = bench.attach(new ResetPorts(Configs.of(ResetPorts.Config.class)));

    bench.handOver(ports, after);

    assertThat(bench.wires().isHigh("a20")).isFalse();
  }
}
