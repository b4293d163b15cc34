// SPDX-License-Identifier: Apache-2.0
package nestor.device.coprocessor;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.api.device.Wire;
import nestor.testkit.Configs;
import nestor.testkit.DeviceBench;
import org.junit.jupiter.api.Test;

class CoprocessorErrorTest {
  private final DeviceBench bench = new DeviceBench();
  private final Wire ferr = bench.wire("ferr");
  private final CoprocessorError logic = attached();

  private CoprocessorError attached() {
    return bench.attach(new CoprocessorError(Configs.of(CoprocessorError.Config.class)));
  }

  private void expect(boolean irq, boolean ignne) {
    assertThat(bench.wires().isHigh(DeviceBench.IRQ)).isEqualTo(irq);
    assertThat(bench.wires().isHigh("ignne")).isEqualTo(ignne);
  }

  @Test
  void theHandlerOfIrq13WritesThePortAndThenClearsTheException() {
    ferr.set(true);
    expect(true, false);

    logic.write(0, 1, 0);
    expect(false, true);

    ferr.set(false);
    expect(false, false);
  }

  @Test
  void theRequestStaysWhenTheExceptionIsClearedFirst() {
    ferr.set(true);
    ferr.set(false);
    expect(true, false);

    logic.write(0, 1, 0);
    expect(false, false);
  }

  @Test
  void keepsItsLatchAcrossAHotSwap() {
    ferr.set(true);
    logic.write(0, 1, 0);
    CoprocessorError after = attached();

    bench.handOver(logic, after);

    expect(false, true);
  }
}
