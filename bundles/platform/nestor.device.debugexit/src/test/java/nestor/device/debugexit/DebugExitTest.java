// SPDX-License-Identifier: Apache-2.0
package nestor.device.debugexit;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class DebugExitTest {

  @Test
  void takesAValueOfAnySizeWhole() {
    DeviceBench bench = new DeviceBench();
    DebugExit exit = bench.attach(new DebugExit(Configs.of(DebugExit.Config.class)));

    exit.write(0, 4, 0x12345);
    exit.write(0, 1, 38);

    assertThat(exit.portWidth()).isEqualTo(4);
    assertThat(bench.machine().exits()).containsExactly(0x12345, 38);
  }
}
