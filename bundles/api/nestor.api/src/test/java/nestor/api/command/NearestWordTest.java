// SPDX-License-Identifier: Apache-2.0
package nestor.api.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {
  private static final List<String> WORDS =
      List.of("demo", "run", "bench", "guests", "vectors", "help", "lockstep", "memory");

  @ParameterizedTest
  @CsvSource({
    "dmeo, demo",
    "rnu, run",
    "benhc, bench",
    "guest, guests",
    "VECTOR, vectors",
    "hlep, help",
    "lock-step, lockstep",
    "mem, memory"
  })
  void findsWhatWasMeant(String typed, String meant) {
    assertThat(NearestWord.to(typed, WORDS)).isEqualTo(meant);
  }

  @Test
  void staysSilentWhenNothingIsNear() {
    assertThat(NearestWord.to("xyzzy", WORDS)).isNull();
    assertThat(NearestWord.to("", WORDS)).isNull();
  }
}
