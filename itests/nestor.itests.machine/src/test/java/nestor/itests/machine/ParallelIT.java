// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several vCPUs at once, each on its thread, with a guest that verifies all it does (MCH-10). */
class ParallelIT {
  private static final int TESTS = 29;
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir private static Path folder;
  private static Nestor nestor;
  private static Path image;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    image = nestor.image("parallel");
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  private static void run(int rounds, int cpus, String engine, String... more) throws Exception {
    String[] first = {
      "run",
      "pc",
      "--kernel",
      image.toString(),
      "--append",
      String.valueOf(rounds),
      "--cpus",
      String.valueOf(cpus),
      "--engine",
      engine,
      "--timeout",
      "240"
    };
    String[] all = new String[first.length + more.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    assertRight(nestor.command("", all), cpus);
  }

  private static void assertRight(Nestor.Result result, int cpus) {
    assertThat(result.code()).as(result.out() + result.err()).isEqualTo(1);
    assertThat(result.out().lines()).hasSize(cpus == 1 ? TESTS - 1 : TESTS);
    assertThat(result.out().lines()).allMatch(line -> line.endsWith(": right"));
  }

  /** On the host engine so many rounds that the threads meet in all of them. */
  @ParameterizedTest
  @CsvSource({
    "1, host, 20000",
    "2, host, 50000",
    "4, host, 2000",
    "2, interpreter, 3000",
    "3, interpreter, 1500",
  })
  void locksOrderCodeAndTlbsAreRightInParallel(int cpus, String engine, int rounds)
      throws Exception {
    run(rounds, cpus, engine, "--parallel");
  }

  @ParameterizedTest
  @CsvSource({"1, host", "3, host", "3, interpreter"})
  void theSameGuestIsRightInTurns(int cpus, String engine) throws Exception {
    run(300, cpus, engine);
  }

  @Tag("long")
  @RepeatedTest(10)
  void tenLongRunsOnBothEnginesAreRight() throws Exception {
    run(400_000, 2, "host", "--parallel");
    run(20_000, 4, "host", "--parallel");
    run(20_000, 2, "interpreter", "--parallel");
  }

  @Test
  void aParallelMachineStopsForWhoeverLooksAtItAndGoesOn() throws Exception {
    Machine machine =
        nestor.create(
            "crowd",
            "pc",
            "boot.kernel=" + image,
            "boot.append=20000",
            "cpus=3",
            "execution=parallel");
    try {
      machine.start();
      String[] engines = {"interpreter", "host"};
      for (int n = 0; n < 12 && machine.ending().isEmpty(); n++) {
        machine.pause();
        String digest = machine.digest();
        long nanos = machine.nanos();
        Thread.sleep(5);
        assertThat(machine.digest()).as("nothing runs while paused").isEqualTo(digest);
        assertThat(machine.nanos()).as("nor does time pass").isEqualTo(nanos);
        machine.resume();
        machine.useEngine(engines[n % 2]);
        machine.swap("serial1", "nestor.device.uart16550");
        assertThat(machine.trace(-1, 3)).isNotEmpty();
      }
      Optional<Ending> ending = machine.await(LIMIT);
      assertThat(ending.map(Ending::exitCode)).as(machine.dump()).contains(1);
    } finally {
      nestor.service(nestor.api.machine.Machines.class).destroy(machine);
    }
  }

  @Test
  void anEngineThatComparesMemoryIsRefused() throws Exception {
    Nestor.Result result =
        nestor.command("", "run", "tiny", "--parallel", "--engine", "host,checked");

    assertThat(result.code()).isEqualTo(6);
    assertThat(result.err()).contains("cannot run vCPUs in parallel");
  }

  @Test
  void inputCannotBeRecordedInParallel() throws Exception {
    Nestor.Result result =
        nestor.command("", "run", "tiny", "--parallel", "--record", folder.resolve("r").toString());

    assertThat(result.code()).isEqualTo(6);
    assertThat(result.err()).contains("only where vCPUs take turns");
  }
}
