// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped programs of the guest images, against their sources in {@code guests/}. */
class ProgramsTest {
  private static final Path SOURCES = Path.of("../../../guests");

  @TempDir private Path folder;

  @Test
  void theSourcesGiveTheShippedProgramsByteForByte() throws Exception {
    List<String> toolchain = Files.readAllLines(SOURCES.resolve("toolchain.txt"));
    assumeTrue(
        toolchain.equals(List.of(firstLine("gcc"), firstLine("ld"))),
        "this host has no C compiler of the version that built the guest programs");

    assertThat(run(List.of("sh", SOURCES.resolve("build.sh").toString(), folder.toString())))
        .isEmpty();

    assertThat(folder.resolve("bench")).hasBinaryContent(shipped("bench"));
    assertThat(folder.resolve("minivmm")).hasBinaryContent(shipped("minivmm"));
  }

  @Test
  void theBenchmarkPrintsItsLinesAndTheSumOfItsResults() throws Exception {
    assumeTrue(canRun(), "this host is not x86-64 Linux");
    Path bench = program("bench");

    List<String> lines =
        run(
            List.of(
                bench.toString(),
                "-s",
                "0.1",
                "-r",
                "2",
                "sieve",
                "sha256",
                "qsort",
                "matmul",
                "interp",
                "strbyte",
                "nbody"));

    assertThat(lines).hasSize((2 * 2 + 1) * 7 + 1);
    assertThat(lines.get(0)).isEqualTo("C sieve e168d9ae31b3998e");
    assertThat(lines.get(1)).isEqualTo("B sieve 0");
    assertThat(lines.get(2)).matches("E sieve 0 6 \\d+ \\d+ \\d+\\.\\d it/s");
    assertThat(lines.get(4)).startsWith("E sieve 1 6 ");
    assertThat(lines.getLast()).isEqualTo("BENCHDONE 9772252148070482169");
  }

  @Test
  void whatAKernelComputesDoesNotDependOnTheScaleOrOnOtherKernels() throws Exception {
    assumeTrue(canRun(), "this host is not x86-64 Linux");
    String bench = program("bench").toString();

    List<String> alone = run(List.of(bench, "sse2fp", "0.05"));
    List<String> all = run(List.of(bench, "-s", "0.1", "-r", "2", "sieve", "sse2fp", "pipe"));

    assertThat(alone.getFirst()).isEqualTo("C sse2fp f758731a8b873790");
    assertThat(all).contains("C sse2fp f758731a8b873790", "C pipe 3c9b87839224734e");
  }

  @Test
  void theBenchmarkRefusesAKernelThatItDoesNotKnow() throws Exception {
    assumeTrue(canRun(), "this host is not x86-64 Linux");

    assertThat(run(List.of(program("bench").toString(), "sieve", "seive")))
        .containsExactly("bench: no kernel seive");
  }

  @Test
  void theBenchmarkSharesTheWorkAmongProcesses() throws Exception {
    assumeTrue(canRun(), "this host is not x86-64 Linux");
    Path bench = program("bench");

    List<String> lines =
        run(List.of(bench.toString(), "-s", "0.1", "-p", "2", "sieve", "syscall", "pipe", "fork"));

    assertThat(lines.get(1)).startsWith("E sieve 0 12 ");
    assertThat(lines.get(5)).startsWith("E pipe 0 2 ");
    assertThat(lines.getLast()).isEqualTo("BENCHDONE 0");
  }

  @Test
  void theSmallVmmRefusesWhatItDoesNotKnow() throws Exception {
    assumeTrue(canRun(), "this host is not x86-64 Linux");
    String vmm = program("minivmm").toString();

    assertThat(run(List.of(vmm))).first().asString().startsWith("usage: minivmm");
    assertThat(run(List.of(vmm, "micro", "nonsense", "1"))).containsExactly("unknown kind");
    assertThat(run(List.of(vmm, "linux", "/dev/null", "/dev/null", "256", "")))
        .containsExactly("minivmm: not a bzImage");
    assertThat(run(List.of(vmm, "linux", "/missing", "/missing", "256", "")))
        .containsExactly("minivmm: /missing: error 2");
  }

  private static boolean canRun() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64");
  }

  private Path program(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, shipped(name));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private static byte[] shipped(String name) throws IOException {
    try (InputStream in = ProgramsTest.class.getResourceAsStream("initramfs/bin/" + name)) {
      return in.readAllBytes();
    }
  }

  private static String firstLine(String tool) throws IOException, InterruptedException {
    try {
      return run(List.of(tool, "--version")).getFirst();
    } catch (IOException e) {
      return "none";
    }
  }

  private static List<String> run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(lines::add);
    }
    process.waitFor();
    return lines;
  }
}
