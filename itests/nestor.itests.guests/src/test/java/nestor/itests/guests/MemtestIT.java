// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** memtest86+ on 64 MiB, judged by its own report on the serial console (CPU-01, MCH-03). */
@Tag("long")
class MemtestIT {
  private static final Duration LIMIT = Duration.ofMinutes(30);

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(LIMIT, "guests", "fetch", "memtest");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memtest64", "memtest32"})
  void theFirstFourTestsFindNoError(String build) throws Exception {
    // Tests are numbered from 0, so when number 4 has begun, four are complete.
    Nestor.Result result =
        Nestor.runUntil(
            tail -> tail.contains("#4 ") || tail.contains("#5 "),
            LIMIT,
            "run",
            "linux",
            "--set",
            "boot.guest=" + build,
            "--memory",
            "64M",
            "--append",
            "console=ttyS0,115200");

    assertThat(result.code()).describedAs(result.output()).isEqualTo(-1);
    assertThat(result.output()).contains("Errors: 0").doesNotContainPattern("Errors: +[1-9]");
  }
}
