// SPDX-License-Identifier: Apache-2.0
package nestor.device.fwcfg;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FirmwareConfigTest {
  private final DeviceBench bench = new DeviceBench();
  private FirmwareConfig device;

  @BeforeEach
  void attach() {
    bench.machine().configure(0x1_8000_0000L, 4, 1);
    device = bench.attach(new FirmwareConfig(Configs.of(FirmwareConfig.Config.class)));
  }

  @Test
  void tellsSignatureMemoryAndProcessors() {
    assertThat(item(0x00, 4)).isEqualTo(0x554D4551); // "QEMU", little endian
    assertThat(item(0x01, 4)).isEqualTo(1);
    assertThat(item(0x03, 8)).isEqualTo(0x1_8000_0000L);
    assertThat(item(0x05, 2)).isEqualTo(4);
    assertThat(item(0x11, 8)).isZero();
    assertThat(item(0x19, 4)).isZero();
  }

  @Test
  void readsZeroBeyondAnItemAndForUnknownKeys() {
    item(0x05, 2);

    assertThat(device.read(1, 1)).isZero();
    assertThat(item(0x7777, 8)).isZero();
  }

  @Test
  void keepsTheReadPositionAcrossAHotSwap() {
    device.write(0, 2, 0);
    device.read(1, 1);
    FirmwareConfig after =
        bench.attach(new FirmwareConfig(Configs.of(FirmwareConfig.Config.class)));

    bench.handOver(device, after);

    assertThat(after.read(1, 1)).isEqualTo('E');
  }

  private long item(int key, int size) {
    device.write(0, 2, key);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) device.read(1, 1) << (8 * i);
    }
    return value;
  }
}
