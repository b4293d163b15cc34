// SPDX-License-Identifier: Apache-2.0
package nestor.pci;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class HostBridgeTest {
  private final DeviceBench bench = new DeviceBench();
  private final HostBridge bridge =
      bench.attach(new HostBridge(Configs.of(HostBridge.Config.class)));

  @Test
  void showsItselfAtTheFirstFunctionByBothWays() {
    bridge.write(0, 4, 0x8000_0000);

    assertThat(bridge.read(4, 4)).isEqualTo(0x29C0_8086);
    assertThat(bridge.read(6, 2) & 0xFFFF).isEqualTo(0x29C0);
    assertThat(bridge.load(0, 4)).isEqualTo(0x29C0_8086L);
    assertThat(bridge.load(0xA, 2)).isEqualTo(0x0600);
  }

  @Test
  void readsAllOnesWhereThereIsNoFunctionOrNoAddress() {
    assertThat(bridge.read(4, 4)).isEqualTo(-1);
    bridge.write(0, 4, 0x8000_0800);

    assertThat(bridge.read(4, 4)).isEqualTo(-1);
    assertThat(bridge.load(0x8000, 4)).isEqualTo(-1);
  }

  @Test
  void keepsReadOnlyBitsAndTakesTheWritableOnesOfTheCommandRegister() {
    bridge.write(0, 4, 0x8000_0004);
    bridge.write(4, 2, 0xFFFF);

    assertThat(bridge.read(4, 2) & 0xFFFF).isEqualTo(0x0106);
    bridge.reset();
    bridge.write(0, 4, 0x8000_0004);
    assertThat(bridge.read(4, 2) & 0xFFFF).isEqualTo(0x0006);
  }

  @Test
  void takesTheAddressOnlyAsADword() {
    bridge.write(0, 1, 0x80);

    assertThat(bridge.read(0, 4)).isZero();
  }
}
