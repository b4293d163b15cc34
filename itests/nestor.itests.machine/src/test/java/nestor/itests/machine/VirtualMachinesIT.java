// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import nestor.api.json.Json;
import nestor.api.json.JsonValue;
import nestor.api.machine.Machine;
import nestor.api.machine.Machines;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Looking into L1 and L2 through the shell, on both vendors, with the embedded hypervisors. */
class VirtualMachinesIT {
  @TempDir private static Path folder;
  private static Nestor nestor;

  /** A vendor, and its words. */
  enum Vendor {
    VMX("intel", "hypervisor", "vmcs", "guest_rip", "EPT PDE"),
    SVM("amd", "hypervisor-svm", "vmcb", "rip", "NPT PDE");

    final String model;
    final String guest;
    final String structure;
    final String rip;
    final String level;

    Vendor(String model, String guest, String structure, String rip, String level) {
      this.model = model;
      this.guest = guest;
      this.structure = structure;
      this.rip = rip;
      this.level = level;
    }

    String create() {
      return "create tiny cpu.model=" + model + " boot.guest=" + guest + " --name v\n";
    }

    /** The machine, held at its first exit. */
    String held() {
      return create() + "break v exit cpuid\nstart v\nbreak v --wait 20\n";
    }
  }

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  @AfterEach
  void destroyMachines() throws Exception {
    Machines machines = nestor.service(Machines.class);
    for (Machine machine : machines.list()) {
      machines.destroy(machine);
    }
  }

  private static String shell(String commands) throws Exception {
    Nestor.Result result = nestor.shell(commands);
    assertThat(result.err()).as(commands).isEmpty();
    assertThat(result.code()).isZero();
    return result.out();
  }

  private static JsonValue.JsonObject object(String line) {
    return (JsonValue.JsonObject) Json.parse(line, line);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aBreakpointOnAnExitHoldsTheMachineWhereL1GoesOn(Vendor vendor) throws Exception {
    String said = shell(vendor.held() + "info v; break v; why v; exits v; disas v rip 1");

    assertThat(said)
        .containsPattern("v is held: breakpoint 1: exit CPUID, vCPU 0, rip 0x10[0-9a-f]{4}")
        .containsPattern("state +paused")
        .containsPattern("(?m)^ +1  exit  CPUID +1$")
        .containsPattern("row +CPUID at rip 0x10[0-9a-f]{4}, its row says x=CPUID")
        .containsPattern("gate +" + vendor + " of L2 on vCPU 0 exits: CPUID")
        .contains("written to the " + vendor.structure.toUpperCase(java.util.Locale.ROOT))
        .containsPattern("L2 +CPUID +1 +100.0%");
    String host = said.replaceAll("(?s).*L1 goes on at rip 0x([0-9a-f]+).*", "$1");
    assertThat(said.lines().reduce((a, b) -> b).orElseThrow()).startsWith("0000000000" + host);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aBreakpointOnAFieldHoldsAtTheWriteBySoftware(Vendor vendor) throws Exception {
    String said =
        shell(
            vendor.held()
                + "break v --delete 1; break v field "
                + vendor.rip
                + " --wait 20; events v --kind exit; "
                + vendor.structure
                + " v "
                + vendor.rip);

    String value = said.replaceAll("(?s).*write of " + vendor.rip + ": 0x([0-9a-f]+),.*", "$1");
    assertThat(said).containsPattern(vendor.rip + " +0x0*" + value);
    assertThat(said.lines().filter(line -> line.contains("exit CPUID, info")))
        .as("not the write by the exit itself, but L1's after it")
        .hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void theStructureIsShownDecodedComparedWatchedAndChecked(Vendor vendor) throws Exception {
    String name = vendor.structure;

    String said =
        shell(
            vendor.held()
                + name
                + " v --diff\nbreak v --delete 1\nbreak v field "
                + vendor.rip
                + " --wait 20\n"
                + name
                + " v --diff\nbreak v --delete 2\n"
                + name
                + " v --watch --count 3\n"
                + name
                + " v check\n"
                + name
                + " v");

    assertThat(said)
        .containsPattern("this is the first look: [0-9]+ fields are remembered")
        .containsPattern("(?m)^Field +Before +Now +Meaning\n" + vendor.rip + " +0x0*10")
        .containsPattern(
            "(?m)^[0-9.]+  exit CPUID, info 0x0, 0x0, rip 0x10[0-9a-f]{4}\n  " + vendor.rip)
        .contains("would find nothing wrong")
        .containsPattern(vendor == Vendor.VMX ? "EPT, VPID, unrestricted guest" : "CPUID SHUTDOWN");
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void exitsAreCountedByReasonAndGuestAddressWithTheirRate(Vendor vendor) throws Exception {
    shell(vendor.create() + "start v");
    Thread.sleep(200);

    String said = shell("pause v; exits v --rip; exits v --json");

    assertThat(said)
        .containsPattern(
            "Level +Reason +RIP +Count +Share +Rate\nL2 +CPUID +0x10[0-9a-f]{4} +[0-9]+");
    String json = said.lines().reduce((a, b) -> b).orElseThrow();
    JsonValue.JsonArray rows = (JsonValue.JsonArray) Json.parse(json, "exits");
    JsonValue.JsonObject row = (JsonValue.JsonObject) rows.items().getFirst();
    assertThat(Json.write(row.get("level"))).isEqualTo("\"L2\"");
    assertThat(Double.parseDouble(Json.write(row.get("rate"))))
        .as("an exit every 98 or 99 instructions, of a nanosecond each")
        .isBetween(1e9 / 110, 1e9 / 90);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void eventsAreFollowedByKindAsLinesAndAsJson(Vendor vendor) throws Exception {
    String text = shell(vendor.held() + "break v --delete 1\nevents v --follow --count 40");
    List<String> exits =
        shell("events v --follow --kind exit,entry --count 20 --json").lines().toList();

    assertThat(text)
        .containsPattern("(?m)^0\\.[0-9]{9}  vCPU 0  L2  entry to rip 0x10[0-9a-f]{4}$")
        .containsPattern("(?m)^0\\.[0-9]{9}  vCPU 0  L2  exit CPUID, info 0x0, 0x0, rip 0x10");
    assertThat(exits).hasSize(20);
    long last = -1;
    for (int i = 0; i < exits.size(); i++) {
      JsonValue.JsonObject event = object(exits.get(i));
      assertThat(Json.write(event.get("kind"))).isIn("\"entry\"", "\"exit\"");
      assertThat(Json.write(event.get("level"))).isEqualTo("2");
      long nanos = Long.parseLong(Json.write(event.get("nanos")));
      assertThat(nanos).isGreaterThan(last);
      last = nanos;
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void theSecondLevelIsWalkedFromL1AndThroughItFromL2(Vendor vendor) throws Exception {
    String said = shell(vendor.held() + "walk v 0x400000 --second; walk v 0x400000");

    assertThat(said)
        .containsPattern(vendor.level + " .* page at 0x400000")
        .contains("0000000000400000 -> physical 400000")
        .contains("0000000000400000 -> gpa 400000");
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void answersAreJsonWhereAskedFor(Vendor vendor) throws Exception {
    shell(vendor.held());
    String name = vendor.structure;

    for (String command :
        List.of(
            "exits v",
            "exits v --rip",
            "break v",
            "strategy v",
            "why v",
            "events v",
            "events v --kind exit",
            name + " v",
            name + " v check",
            name + " v --diff",
            "walk v 0x400000 --second")) {
      assertThat(Json.parse(shell(command + " --json"), command)).as(command).isNotNull();
    }
    assertThat(object(shell(name + " v --watch --count 1 --json")).get("changed")).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aRunWritesItsEventsAsJsonLines(Vendor vendor) throws Exception {
    Path file = folder.resolve(vendor + ".jsonl");

    Nestor.Result result = run(vendor, file);

    assertThat(result.code()).as(result.err()).isEqualTo(124);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSizeGreaterThan(1000);
    assertThat(object(lines.get(0)).members()).containsKeys("kind", "cpu", "level", "nanos", "rip");
    assertThat(lines.stream().filter(line -> line.contains("\"kind\": \"exit\"")))
        .allMatch(line -> line.contains("\"reason\": \"CPUID\"") && line.contains("\"level\": 2"));
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aRunIsAJfrRecordingIfTheFileIsCalledSo(Vendor vendor) throws Exception {
    Path file = folder.resolve(vendor + ".jfr");

    Nestor.Result result = run(vendor, file);

    assertThat(result.code()).as(result.err()).isEqualTo(124);
    try (RecordingFile recording = new RecordingFile(file)) {
      long exits = 0;
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        if (event.getEventType().getName().equals("nestor.VmExit")) {
          exits++;
          assertThat(event.getString("reason")).isEqualTo("CPUID");
          assertThat(event.getInt("level")).isEqualTo(2);
          assertThat(event.getString("machine")).isEqualTo("pc");
        }
      }
      assertThat(exits).isGreaterThan(1000);
    }
  }

  private static Nestor.Result run(Vendor vendor, Path file) throws Exception {
    return nestor.command(
        "",
        "run",
        "tiny",
        "--model",
        vendor.model,
        "--set",
        "boot.guest=" + vendor.guest,
        "--events",
        file.toString(),
        "--timeout",
        "1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          break v exit CPUIT           | 6 | there is no exit reason CPUIT; did you mean cpuid?
          break v field guest_rpi      | 6 | there is no field guest_rpi; did you mean guest-rip?
          break v exit                 | 2 | break: which one?
          break v reason CPUID         | 2 | WHAT is exit or field, not reason
          break v --delete 7           | 6 | v has no breakpoint 7
          break v exit HLT --wait 1    | 6 | no breakpoint held v within 1 s
          events v --kind exti         | 2 | there is no kind exti; did you mean exit?
          events v --kind inject       | 2 | see others with --follow
          vmcb v                       | 6 | v has VMX: use vmcs
          vmcs v --cpu 3               | 6 | v has vCPUs 0 to 0
          exits v --cpu 3              | 6 | v has vCPUs 0 to 0
          stop v; events v --follow    | 6 | v is off; switch it on with: start v
          strategy v tlb flsh          | 6 | there is no strategy tlb flsh; there are: tlb flush, tlb tagged
          """)
  void failuresSayWhatIsWrongAndWhatToDo(String commands, int code, String part) throws Exception {
    shell(Vendor.VMX.create() + "start v");

    Nestor.Result result = nestor.shell(commands);

    assertThat(result.err()).startsWith("-c:1: ").contains(part);
    assertThat(result.code()).isEqualTo(code);
  }

  @Test
  void wordsAreCompleted() throws Exception {
    shell(Vendor.VMX.create());

    assertThat(shell("completion:candidates [vmcs v x] 2")).contains("guest_rip");
    assertThat(shell("completion:candidates [break v x] 2")).contains("exit", "field");
    assertThat(shell("completion:candidates [break v exit x] 3")).contains("EPT-violation");
    assertThat(shell("completion:candidates [strategy v tlb x] 3")).contains("flush", "tagged");
    assertThat(shell("completion:candidates [events v --kind x] 3")).contains("inject");
  }
}
