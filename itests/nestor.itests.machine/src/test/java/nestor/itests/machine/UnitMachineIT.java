// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import nestor.api.json.Json;
import nestor.api.json.JsonValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code run pc} as the machine that public hypervisor tests expect, with an image of our own. */
class UnitMachineIT {
  @TempDir private static Path folder;
  private static Nestor nestor;
  private static Path image;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    image = nestor.unitImage();
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  private static Nestor.Result run(String append, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("run", "pc", "--kernel", image.toString(), "--append", append));
    words.addAll(List.of("--timeout", "60"));
    Collections.addAll(words, more);
    return nestor.command("", words.toArray(String[]::new));
  }

  @Test
  void tellsTheGuestWhatTheContractPromises() throws Exception {
    Nestor.Result result = run("report one  two", "--env", "A=1", "--env", "TEXT=x y=z");

    assertThat(result.out())
        .isEqualTo(
            """
            args: report one  two
            modules: 1
            A=1
            TEXT=x y=z
            upper KiB: 130048
            regions of RAM: 2
            CPUs: 1
            RAM: 134217728
            most RAM: 0
            latch: 123456789
            store: 987654321
            requests: 32
            TSC moves: 1
            """);
    assertThat(result.code()).as("zero at the debug-exit port").isEqualTo(1);
    assertThat(result.err()).isEmpty();
  }

  @Test
  void tellsCpusAndMemoryOfABiggerMachine() throws Exception {
    Nestor.Result result = run("report", "--cpus", "3", "--memory", "5g");

    assertThat(result.out())
        .contains("modules: 0\n")
        .contains("regions of RAM: 3\n")
        .contains("CPUs: 3\n")
        .contains("RAM: " + (5L << 30 & 0xFFFF_FFFFL) + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, 1",
    "exit 1, 3",
    "exit 5, 11",
    "exit 38, 77",
    "exit 63, 127",
    "exit 127, 255",
    "nonsense, 127",
    "off, 0",
    "twice, 19"
  })
  void endsWithTheCodeTheGuestChose(String append, int code) throws Exception {
    assertThat(run(append).code()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reset-keyboard", "reset-fast", "reset-control", "triple"})
  void aResetStartsTheMachineAnewAndKeepsBatteryBackedMemory(String way) throws Exception {
    Nestor.Result result = run(way);

    assertThat(result.out()).isEqualTo("start 1\nstart 2\n");
    assertThat(result.code()).isEqualTo(21 << 1 | 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reset-keyboard", "reset-fast", "reset-control"})
  void aResetEndsTheRunWhereRebootsAreRefused(String way) throws Exception {
    Nestor.Result result = run(way, "--no-reboot");

    assertThat(result.out()).isEqualTo("start 1\n");
    assertThat(result.code()).isZero();
  }

  @Test
  void aTripleFaultThenEndsWithFourAndOneScreenOfState() throws Exception {
    Nestor.Result result = run("triple", "--no-reboot");

    assertThat(result.code()).isEqualTo(4);
    assertThat(result.err())
        .startsWith("nestor: triple fault on vCPU 0\n")
        .contains("rip    0000000000400")
        .contains("#DF");
    assertThat(result.err().lines().count()).isLessThan(25);
    assertThat(result.err().lines()).allMatch(line -> line.length() < 200);
  }

  @Test
  void theTimeLimitEndsWith124AndTheState() throws Exception {
    Nestor.Result result = run("spin", "--timeout=1");

    assertThat(result.code()).isEqualTo(124);
    assertThat(result.err()).startsWith("nestor: the time limit of 1 s was reached\n");
    assertThat(result.err()).contains("rip    0000000000400");
  }

  @Test
  void theSerialPortIsA16550A() throws Exception {
    assertThat(run("uart").out()).isEqualTo("FIFO 3\nscratch 90\n");
  }

  @Test
  void countsWhatNobodyModelsByName() throws Exception {
    Path stats = folder.resolve("stats.json");

    run("strange", "--stats", stats.toString());

    JsonValue.JsonObject all =
        (JsonValue.JsonObject) Json.parse(Files.readString(stats), "stats.json");
    assertThat(Json.write(all.get("unmodelled"))).isEqualTo("{\"midi\": 2, \"pci.hole\": 1}");
    assertThat(Json.write(all.get("starts"))).isEqualTo("1");
    assertThat(Json.write(all.get("state"))).isEqualTo("\"ended\"");
  }
}
