// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

/** Every command of the shell against machines that run. */
class ShellIT {
  private static final String VERBS =
      "machines create start pause resume reset stop destroy info cpus regs mem disas walk devices"
          + " plug unplug swap profiles profile console trace why events engine stats save-profile"
          + " vmcs vmcb exits strategy break help";

  @TempDir private static Path folder;
  private static Nestor nestor;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    nestor.unitImage();
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

  /** Two machines that run for ever. */
  private static void twoMachines() throws Exception {
    shell(
        """
        create pc boot.kernel=unit.elf boot.append=spin --name big cpus=2
        create pc boot.kernel=unit.elf boot.append='fault x' seed=9
        start big; start m0
        """
            .replace("unit.elf", folder.resolve("unit.elf").toString()));
    Thread.sleep(200);
  }

  @Test
  void everyCommandHasHelpWithItsUsage() throws Exception {
    String overview = shell("help");

    for (String verb : VERBS.split(" ")) {
      assertThat(overview).containsPattern("(?m)^  " + verb + " +\\S");
      String help = shell("help " + verb);
      assertThat(help).startsWith(verb + " - ").contains("\nUsage: " + verb);
      assertThat(shell(verb + " --help")).isEqualTo(help);
      assertThat(help.lines()).allMatch(line -> line.length() <= 100);
    }
    assertThat(overview.lines()).allMatch(line -> line.length() <= 90);
  }

  @Test
  void answersAreJsonWhereAskedFor() throws Exception {
    twoMachines();
    String aboutMachine =
        "info;cpus;regs;regs --vectors;mem rip;disas;walk rip;devices;console;console serial0;trace 3"
            + ";why;events;stats";
    String others = "machines;engine;profiles;profile tiny";

    for (String command : (aboutMachine + ";" + others).split(";")) {
      boolean other = (";" + others + ";").contains(";" + command + ";");
      String words = (other ? command : insert(command, "big")) + " --json";
      assertThat(Json.parse(shell(words), words)).as(words).isNotNull();
    }
  }

  private static String insert(String command, String machine) {
    int blank = command.indexOf(' ');
    return blank < 0
        ? command + " " + machine
        : command.substring(0, blank) + " " + machine + command.substring(blank);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          machines                 | (?s)Name .*big +pc +running +\\w+ +2 +128 .*m0 +pc +running
          info m0                  | (?s)name +m0\\n.*state +running\\n.*seed +9\\n.*devices +pic, pit
          cpus big                 | (?s)CPU .*  0  active +protected 32-bit .*  1  .*wait for SIPI
          regs m0                  | (?s)rip    0000000000400.*flags IOPL=0.*cs +0010 +0+ +ffffffff +c09b
          regs big 1               | (?s)rip    000000000000fff0.*cs +f000 +0+ffff0000
          mem m0 0x400000 16       | 0000000000400000  7f 45 4c 46 01 01 01 00 .*ELF
          mem m0 -p 4194304 4      | 7f 45 4c 46
          disas m0 rip 2           | jmp 0x400
          walk m0 0x400010         | (?s)paging is off.*0000000000400010 -> gpa 400010
          devices m0               | (?s)serial0 +nestor.device.uart16550 +3F8h-3FFh +4 +uart16550 1 .*present
          console m0               | (?s)Device +Leads to +Kept\\nserial0 +terminal +6
          console m0 serial0       | (?s)^taken\\n
          trace m0 4               | (?s)cpu0  0000000000400.*inc ebx.*\\n.*jmp
          why m0                   | #UD
          why big                  | no event yet
          engine                   | (?m)^[a-z]+ +big, m0$
          engine m0 interpreter    | m0 runs on interpreter
          engine m0 interpreter; engine m0 stats | (?s)\\nengine interpreter\\ninstructionsByEngine\\n.*  decoded +[0-9]+
          stats m0                 | (?s)instructions +[0-9,]+\\n.*mmu\\n
          events big               | Seconds +Times +Event
          profile pc cpus=3        | "cpus": 3
          profiles                 | (?s)linux .*pc .*tiny
          swap m0 serial0          | serial0 was exchanged; the machine stood still for [0-9.]+ ms
          swap m0 serial0 uart16550 | serial0 was exchanged
          pause m0                 | m0 is held
          pause m0; info m0        | state +paused
          pause m0; resume m0      | m0 goes on
          reset m0; info m0        | state +running
          stop m0; info m0         | (?s)state +ended.*ending +stopped by the user
          stop m0; start m0        | m0 runs
          destroy m0; machines     | (?s)^m0 is gone\\nName[^\\n]*\\nbig [^\\n]*\\n$
          console big serial0 -t x | typed
          """)
  void answers(String commands, String pattern) throws Exception {
    twoMachines();

    assertThat(shell(commands)).containsPattern(pattern);
  }

  @Test
  void aDeviceIsPluggedAndUnplugged() throws Exception {
    twoMachines();

    assertThat(shell("plug m0 more uart16550 ports=0x2E8+8 irq=5; devices m0"))
        .contains("more is plugged in\n")
        .containsPattern("more +nestor.device.uart16550 +2E8h-2EFh +5 ");
    assertThat(shell("unplug m0 more; devices m0"))
        .startsWith("more is out\n")
        .doesNotContain("2E8h");
  }

  @Test
  void aSavedProfileMakesTheSameMachine() throws Exception {
    twoMachines();

    shell("save-profile big saved.json; create saved.json --name copy");

    Machine copy = nestor.service(Machines.class).find("copy").orElseThrow();
    Machine big = nestor.service(Machines.class).find("big").orElseThrow();
    assertThat(copy.profile().devices()).isEqualTo(big.profile().devices());
    assertThat(copy.profile().cpus()).isEqualTo(2);
    assertThat(Json.parse(Files.readString(folder.resolve("saved.json")), "saved.json"))
        .isInstanceOf(JsonValue.JsonObject.class);
  }

  @Test
  void machinesThatAreNotNamedGetNamesAndTheOnlyOneNeedsNone() throws Exception {
    assertThat(shell("create tiny; info; create tiny; destroy m0; start; info"))
        .contains("m0 is ready; switch it on with: start m0\n")
        .contains("m1 is ready; switch it on with: start m1\n")
        .contains("m1 runs\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          create                      | 2 | create: PROFILE is missing; usage: create PROFILE
          create tinny                | 6 | did you mean "tiny"?
          create tiny cpus=many       | 6 | cpus must be a whole number from 1 to 255, not "many"
          create tiny --nam x         | 2 | unknown option --nam; did you mean --name?
          create tiny --name 9        | 6 | a machine's name is a letter and then letters
          create tiny --name m0       | 6 | there is a machine m0 already
          crate tiny                  | 2 | there is no shell command 'crate'; did you mean 'create'?
          info m1                     | 6 | there is no machine m1; did you mean m0?
          start                       | 6 | m0 is on already
          mem                         | 2 | mem: ADDRESS is missing; usage: mem [MACHINE] ADDRESS
          mem nowhere                 | 2 | an address is a register's name
          mem 0 0                     | 2 | BYTES must be a whole number from 1 to 1048576, not 0
          mem 0 1 2 3                 | 2 | "3" is one word too many
          regs 4                      | 6 | m0 has vCPUs 0 to 0, not 4
          regs four                   | 2 | CPU must be a whole number, not "four"
          cpus --jsno                 | 2 | unknown option --jsno; did you mean --json?
          trace 0                     | 2 | COUNT must be a whole number from 1 to 100000, not 0
          unplug serial9              | 6 | m0 has no device serial9; did you mean serial0?
          swap serial0 uart1655       | 6 | no bundle has a device of the type uart1655; did you mean uart16550?
          plug x uart16550            | 6 | clash with 0x3F8-0x3FF of device "serial0"
          plug x uart16550 irk=3      | 6 | did you mean "irq"?
          plug x uart16550 irq        | 2 | settings are KEY=VALUE, not "irq"
          console serial9             | 6 | m0 has no console serial9; did you mean serial0?
          engine warp                 | 6 | there is no engine warp; there are:
          save-profile no/where       | 6 | cannot be written: there is no such file or folder
          help crete                  | 2 | did you mean create?
          stop; pause                 | 6 | m0 is off; switch it on with: start m0
          stop; trace 3               | 6 | m0 is off; switch it on with: start m0
          create tiny; info           | 6 | which machine? Name one of m0, m1
          """)
  void failuresSayWhatIsWrongAndWhatToDo(String commands, int code, String part) throws Exception {
    shell("create tiny boot.guest=count; start");

    Nestor.Result result = nestor.shell(commands);

    assertThat(result.err()).startsWith("-c:1: ").contains(part);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.code()).isEqualTo(code);
  }

  @Test
  void aScriptFileRunsAgainstAMachineUntilItsGuestEnds() throws Exception {
    Files.writeString(
        folder.resolve("script"),
        """
        # counts to the end
        create tiny boot.guest=count --name t
        start t
        pause t; regs t
        trace t 2
        resume t
        """);

    Nestor.Result result = nestor.command("", "exec", "script");

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("t is ready").contains("cpu0").contains("t goes on");
    List<Machine> all = nestor.service(Machines.class).list();
    assertThat(all.getFirst().await(java.time.Duration.ofSeconds(60))).isPresent();
  }
}
