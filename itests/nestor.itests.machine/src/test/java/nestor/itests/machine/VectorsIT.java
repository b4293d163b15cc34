// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import nestor.api.command.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The instructions recorded on a real CPU, replayed as a user would. */
class VectorsIT {
  private static final int RECORDED = 50_708;

  @Test
  void everyRecordedInstructionDoesWhatTheProcessorDid(@TempDir Path folder) throws Exception {
    try (Nestor nestor = Nestor.start(folder)) {
      Nestor.Result result = nestor.command("", "vectors");

      assertThat(result.out().lines().toList()).endsWith(RECORDED + " passed, 0 failed, 0 skipped");
      assertThat(result.code()).isEqualTo(Command.OK);
    }
  }

  @Test
  void sixteenBitCodeDoesTheSameInRealMode(@TempDir Path folder) throws Exception {
    try (Nestor nestor = Nestor.start(folder)) {
      Nestor.Result result = nestor.command("", "vectors", "--real-mode", "--family", "mode16");

      assertThat(result.out().lines().toList().getLast()).matches("58\\d\\d passed, 0 failed, .*");
      assertThat(result.code()).isEqualTo(Command.OK);
    }
  }
}
