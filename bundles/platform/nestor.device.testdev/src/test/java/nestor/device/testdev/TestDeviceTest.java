// SPDX-License-Identifier: Apache-2.0
package nestor.device.testdev;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class TestDeviceTest {
  private final DeviceBench bench = new DeviceBench();
  private final TestPorts ports = bench.attach(new TestPorts(Configs.of(TestPorts.Config.class)));
  private final TestMemory memory =
      bench.attach(new TestMemory(Configs.of(TestMemory.Config.class)));

  @Test
  void theLatchTakesEverySizeAndItsByteVersionSeesTheSameBits() {
    ports.write(0, 4, 0x89ABCDEF);
    ports.write(1, 1, 0x55);
    ports.write(2, 2, 0x1234);

    assertThat(ports.read(0, 4)).isEqualTo(0x123455EF);
    assertThat(ports.read(2, 2) & 0xFFFF).isEqualTo(0x1234);
    assertThat(ports.read(8, 4)).isEqualTo(0x123455EF);

    ports.write(9, 1, 0x77);

    assertThat(ports.read(0, 4)).isEqualTo(0x123477EF);
  }

  @Test
  void drivesInterruptLinesAlsoByADoublewordThatReachesBeyondItsLine() {
    ports.write(12 + 11, 4, 1);
    ports.write(12 + 20, 1, 0x80);
    ports.write(12 + 2, 1, 1);

    assertThat(bench.wires().isHigh("isa11")).isTrue();
    assertThat(bench.wires().isHigh("isa12")).isFalse();
    assertThat(bench.wires().isHigh("gsi20")).isTrue();
    assertThat(bench.wires().isHigh("gsi2")).isTrue();

    ports.write(12 + 11, 4, 0);

    assertThat(bench.wires().isHigh("isa11")).isFalse();
  }

  @Test
  void memoryStoresEverySizeLittleEndFirst() {
    memory.store(0x100, 8, 0x8877665544332211L);
    memory.store(0x102, 2, 0xBEEF);

    assertThat(memory.load(0x100, 8)).isEqualTo(0x88776655BEEF2211L);
    assertThat(memory.load(0x104, 4)).isEqualTo(0x88776655L);
    assertThat(memory.load(0x107, 1)).isEqualTo(0x88);
    assertThat(memory.load(0x102, 2)).isEqualTo(0xBEEF);
  }

  @Test
  void keepsLinesAndMemoryAcrossAHotSwap() {
    ports.write(12 + 3, 1, 1);
    memory.store(0xFFFF, 1, 0x42);
    TestPorts portsAfter = bench.attach(new TestPorts(Configs.of(TestPorts.Config.class)));
    TestMemory memoryAfter = bench.attach(new TestMemory(Configs.of(TestMemory.Config.class)));

    bench.handOver(ports, portsAfter);
    bench.handOver(memory, memoryAfter);

    assertThat(bench.wires().edges("isa3")).hasSize(1);
    assertThat(memoryAfter.load(0xFFFF, 1)).isEqualTo(0x42);
  }
}
