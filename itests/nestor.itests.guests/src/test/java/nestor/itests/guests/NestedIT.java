// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's KVM, unmodified, runs Debian's kernel as L2 on either vendor's terms. */
class NestedIT {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(LIMIT, "guests", "fetch", "nested");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  private static String run(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("run", "--timeout", "600"));
    all.addAll(1, List.of(words));
    Nestor.Result result = Nestor.run(LIMIT, all.toArray(String[]::new));

    assertThat(result.code()).describedAs(result.output()).isZero();
    assertThat(result.output().lines())
        .noneMatch(line -> LinuxIT.COMPLAINTS.stream().anyMatch(line::contains))
        .anyMatch(line -> line.contains("NESTED L2 ended with 0"));
    return result.output();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested-intel", "nested-amd"})
  void l2RunsTheKernelsAndBothLevelsPowerOff(String profile) throws Exception {
    assertThat(run(profile)).contains("BENCHDONE");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"nested-intel, kvm_intel.ept=0", "nested-amd, kvm_amd.npt=0"})
  void l2RunsOnShadowPaging(String profile, String option) throws Exception {
    assertThat(run(profile, "--append", "console=ttyS0 quiet " + option, "--script", "uname -a"))
        .contains("Linux (none)");
  }
}
