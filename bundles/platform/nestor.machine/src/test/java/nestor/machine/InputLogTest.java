// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import nestor.api.machine.MachineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputLogTest {
  @TempDir private Path folder;

  @Test
  void givesBackWhatWasNotedAtTheSameTicksAndNotEarlier() throws Exception {
    Path file = folder.resolve("log");
    try (InputLog log = InputLog.record(file)) {
      log.note(5, "serial0", new byte[] {1, -1});
      log.note(5, "serial1", new byte[] {2});
      log.note(9_000_000_000L, "serial0", new byte[] {3});
    }

    InputLog again = InputLog.replay(file);

    assertThat(again.isReplay()).isTrue();
    assertThat(again.nextTick()).isEqualTo(5);
    assertThat(again.take(4)).isNull();
    InputLog.Entry first = again.take(5);
    assertThat(first.device).isEqualTo("serial0");
    assertThat(first.bytes).containsExactly(1, -1);
    assertThat(again.take(5).device).isEqualTo("serial1");
    assertThat(again.take(5)).isNull();
    assertThat(again.nextTick()).isEqualTo(9_000_000_000L);
    assertThat(again.take(Long.MAX_VALUE).bytes).containsExactly(3);
    assertThat(again.nextTick()).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nestor-input 2~          | log:1: not a record of input
          nestor-input 1~x a 00~   | log:2:
          nestor-input 1~1 a 0~    | log:2:
          nestor-input 1~1 a~      | log:2: expected a tick, a device and bytes
          nestor-input 1~2 a 00~1 a 00~ | log:3: expected a tick
          """)
  void saysWhichLineIsWrong(String text, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("log"), text.replace('~', '\n'));

    assertThatThrownBy(() -> InputLog.replay(file))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining(message);
  }
}
