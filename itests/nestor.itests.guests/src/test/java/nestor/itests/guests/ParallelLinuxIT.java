// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debian's kernel on vCPUs in parallel: boots clean, works, and is off again (MCH-10). */
class ParallelLinuxIT {
  private static final Duration LIMIT = Duration.ofMinutes(12);

  /** Sorts, packs and unpacks; what is printed is the same every time. */
  private static final String JOB =
      "job() { seq 1 %d | sort -r | gzip -9 | gunzip | sort -n | md5sum; i=0;"
          + " while [ $i -lt %d ]; do i=$((i+1)); done;"
          + " tar c /bin 2>/dev/null | gzip | gunzip | tar t | md5sum; };"
          + " now() { read a b < /proc/uptime; echo $a; }; ";

  /** One job alone, then one for each vCPU at once, with the guest's time of both. */
  private static final String WORK =
      "s=$(now); job > /tmp/j0; t=$(now);"
          + " for n in %1$s; do job > /tmp/j$n & done; wait; u=$(now);"
          + " for n in %1$s; do cmp /tmp/j0 /tmp/j$n || echo differs; done;"
          + " echo jobs: one from $s to $t, all from $t to $u; echo answers: $(nproc) $(wc -l < /tmp/j0)";

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(Duration.ofMinutes(15), "guests", "fetch", "linux");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  private static void works(int cpus, String engine, int lines, int loops) throws Exception {
    String numbers = "1 2 3 4".substring(0, 2 * cpus - 1);
    Nestor.Result result =
        Nestor.run(
            LIMIT,
            "run",
            "linux",
            "--parallel",
            "--timeout",
            "600",
            "--cpus",
            String.valueOf(cpus),
            "--engine",
            engine,
            "--script",
            JOB.formatted(lines, loops) + WORK.formatted(numbers));

    assertThat(result.code()).describedAs(result.output()).isZero();
    List<String> output = result.output().lines().toList();
    assertThat(output)
        .noneMatch(line -> LinuxIT.COMPLAINTS.stream().anyMatch(line::contains))
        .noneMatch(line -> line.contains("stall") || line.contains("differ"))
        .anyMatch(line -> line.endsWith("answers: " + cpus + " 2"));
    output.stream().filter(line -> line.contains("jobs: ")).forEach(System.out::println);
  }

  @ParameterizedTest
  @CsvSource({"2, host", "4, host", "2, interpreter"})
  void bootsWorksAndPowersOff(int cpus, String engine) throws Exception {
    works(cpus, engine, 2_000, 500);
  }

  @Tag("long")
  @RepeatedTest(10)
  void tenTimesTheWorkOfABuildIsRight() throws Exception {
    works(2, "host", 50_000, 100_000);
    works(4, "host", 50_000, 100_000);
    works(2, "interpreter", 5_000, 5_000);
  }
}
