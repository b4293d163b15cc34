// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import nestor.api.json.Json;
import nestor.api.json.JsonValue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debian's kernels, unmodified, to a shell and off again (CPU-02, MCH-06, MCH-10, OBS-09). */
class LinuxIT {
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(15);
  private static final Duration LIMIT = Duration.ofMinutes(12);
  private static final Pattern DIGEST = Pattern.compile("digest:? +([0-9a-f]{16,})");

  /** What a kernel says when something of the machine is not as it should be. */
  static final List<String> COMPLAINTS =
      List.of(
          "unchecked MSR",
          "WARNING",
          "BUG",
          "Firmware Bug",
          "TSC unstable",
          "nobody cared",
          "Call Trace",
          "MTRRs disabled",
          "Kernel panic");

  /** MSRs that these kernels look for and do not miss: docs/board.md says why. */
  private static final Map<String, Set<String>> EXPLAINED_MSRS =
      Map.of(
          "intel",
          Set.of("0x0000004e", "0x00000150", "0x00000492", "0x0000064e", "0xc0011029"),
          "amd",
          Set.of(),
          "max",
          Set.of());

  @TempDir private Path folder;

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(FETCH_LIMIT, "guests", "fetch", "linux");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  private static Nestor.Result boot(String... more) throws Exception {
    String[] first = {"run", "linux", "--timeout", "600"};
    String[] all = new String[first.length + more.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Nestor.run(LIMIT, all);
  }

  /** What was asked for and is not there is what the documents explain, and nothing else. */
  private static void assertExplained(Path stats, String model) throws Exception {
    JsonValue.JsonObject all =
        (JsonValue.JsonObject) Json.parse(Files.readString(stats), "stats.json");
    Set<String> unknown = ((JsonValue.JsonObject) all.get("unknownMsrs")).members().keySet();
    assertThat(EXPLAINED_MSRS.get(model)).containsAll(unknown);
    assertThat(unknown.isEmpty()).isEqualTo(EXPLAINED_MSRS.get(model).isEmpty());
  }

  private static void assertClean(Nestor.Result result) {
    assertThat(result.code()).describedAs(result.output()).isZero();
    assertThat(result.output().lines())
        .noneMatch(line -> COMPLAINTS.stream().anyMatch(line::contains));
  }

  private void answers(String guest, String model, int cpus) throws Exception {
    Path stats = folder.resolve("stats.json");
    Nestor.Result result =
        boot(
            "--stats",
            stats.toString(),
            "--set",
            "boot.guest=" + guest,
            "--model",
            model,
            "--cpus",
            String.valueOf(cpus),
            "--script",
            "echo answers: $(uname -s) $(nproc); cat /proc/interrupts; head -5 /proc/cpuinfo");

    assertClean(result);
    assertThat(result.output().lines())
        .anyMatch(line -> line.endsWith("answers: Linux " + cpus))
        .anyMatch(line -> line.contains("Local timer interrupts"))
        .anyMatch(
            line ->
                line.contains("vendor_id")
                    && line.contains(model.equals("intel") ? "GenuineIntel" : "AuthenticAMD"));
    assertExplained(stats, model);
  }

  @ParameterizedTest
  @CsvSource({"intel, 1", "amd, 4"})
  void cloudKernelBootsToItsScriptAndOffWithoutComplaints(String model, int cpus) throws Exception {
    answers("linux-cloud", model, cpus);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "linux-cloud, intel, 4",
    "linux-cloud, amd, 1",
    "linux-generic, intel, 1",
    "linux-generic, intel, 4",
    "linux-generic, amd, 1",
    "linux-generic, amd, 4",
    "linux-cloud, max, 2"
  })
  void everyKernelBootsOnEveryModel(String guest, String model, int cpus) throws Exception {
    answers(guest, model, cpus);
  }

  @Test
  void oneSeedGivesOneDigestAndAnotherSeedAnother() throws Exception {
    String first = digest("7");

    assertThat(digest("7")).isEqualTo(first);
    assertThat(digest("8")).isNotEqualTo(first);
  }

  private static String digest(String seed) throws Exception {
    Nestor.Result result = boot("--script", "true", "--seed", seed, "--digest");
    Matcher matcher = DIGEST.matcher(result.output());
    assertThat(matcher.find()).describedAs(result.output()).isTrue();
    return matcher.group(1);
  }
}
