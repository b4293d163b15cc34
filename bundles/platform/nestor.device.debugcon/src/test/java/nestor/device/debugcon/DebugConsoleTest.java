// SPDX-License-Identifier: Apache-2.0
package nestor.device.debugcon;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class DebugConsoleTest {

  @Test
  void sendsEveryByteToTheConsoleAndTellsThatItIsThere() {
    DeviceBench bench = new DeviceBench();
    DebugConsole console = bench.attach(new DebugConsole(Configs.of(DebugConsole.Config.class)));

    console.write(0, 1, 'o');
    console.write(1, 1, 'k');

    assertThat(bench.console().sent()).isEqualTo("ok");
    assertThat(console.read(0, 1)).isEqualTo(0xE9);
  }
}
