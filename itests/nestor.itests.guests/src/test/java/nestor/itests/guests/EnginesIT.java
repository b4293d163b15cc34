// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The host-code engine does what the interpreter does (CPU-03, CPU-04). Each run is a process of
 * its own: wrong code can take its JVM with it.
 */
class EnginesIT {
  private static final Duration LIMIT = Duration.ofMinutes(12);
  private static final Pattern DIGEST = Pattern.compile("digest:? +([0-9a-f]{16,})");

  private static final String REGRESSIONS =
      "bundles/host/nestor.vectors/src/test/resources/nestor/vectors/regressions.jsonl";

  @BeforeAll
  static void onAHostThatTheEngineIsFor() {
    assumeThat(System.getProperty("os.arch") + "-" + System.getProperty("os.name"))
        .describedAs("this host is not x86-64 Linux")
        .isEqualTo("amd64-Linux");
  }

  @Test
  void everyRecordedVectorPassesOnTheHostEngine() throws Exception {
    Path home = Path.of(System.getProperty("nestor.home"));
    List<String> words = new ArrayList<>(List.of("vectors", "--engine", "host"));
    words.add(home.resolve(REGRESSIONS).toString());
    try (Stream<Path> files = Files.list(home.resolve("vectors"))) {
      files.map(Path::toString).filter(f -> f.endsWith(".gz")).sorted().forEach(words::add);
    }

    Nestor.Result result = Nestor.run(LIMIT, words.toArray(String[]::new));

    assertThat(result.output()).containsPattern("[0-9]{5} passed, 0 failed");
    assertThat(result.code()).isZero();
  }

  @Test
  void randomProgramsEndAlikeOnBothEnginesAlsoWhereTheManualsLeaveFlagsOpen() throws Exception {
    Nestor.Result result =
        Nestor.run(
            LIMIT,
            "fuzz",
            "--engine",
            "host",
            "--against",
            "interpreter",
            "--undefined",
            "--programs",
            "3000");

    assertThat(result.output()).contains("3000 programs, 0 differences");
    assertThat(result.code()).isZero();
  }

  @Test
  void allThatTranslatedCodeDoesInRandomProgramsIsCompared() throws Exception {
    Nestor.Result result =
        Nestor.run(
            LIMIT,
            "fuzz",
            "--engine",
            "host,checked",
            "--against",
            "interpreter",
            "--undefined",
            "--programs",
            "1000",
            "--seed",
            "5");

    assertThat(result.output()).contains("1000 programs, 0 differences");
    assertThat(result.code()).isZero();
  }

  @Test
  void linuxEndsWithTheSameDigestOnBothEngines() throws Exception {
    assertThat(Nestor.run(LIMIT, "guests", "fetch", "linux").code()).isZero();

    assertThat(digest("host")).isEqualTo(digest("interpreter"));
  }

  private static String digest(String engine) throws Exception {
    Nestor.Result result =
        Nestor.run(
            LIMIT,
            "run",
            "linux",
            "--engine",
            engine,
            "--script",
            "uname -a; bench -s 1 sieve nbody avx2int syscall pipe pgfault",
            "--timeout",
            "600",
            "--digest");
    Matcher matcher = DIGEST.matcher(result.output());
    assertThat(matcher.find()).describedAs(result.output()).isTrue();
    return matcher.group(1);
  }
}
