// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import nestor.api.machine.Machines;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.service.cm.ConfigurationAdmin;

/** Whatever is wrong with what the user gives, one clear error and the right code come of it. */
class BrokenInputsIT {
  private static final int USAGE = 2;

  @TempDir private static Path folder;
  private static Nestor nestor;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    byte[] unit = Files.readAllBytes(nestor.unitImage());
    write("empty", new byte[0]);
    write("text", "This is no kernel.\n".repeat(500).getBytes(StandardCharsets.US_ASCII));
    write("cut.elf", Arrays.copyOf(unit, 700));
    write("header.elf", Arrays.copyOf(unit, 40));
    ByteBuffer low = ByteBuffer.wrap(unit.clone()).order(ByteOrder.LITTLE_ENDIAN);
    write("high.elf", low.putInt(64, 0xF000_0000).putInt(60, 0xF000_0000).array());
    byte[] linux = new byte[4096];
    ByteBuffer setup = ByteBuffer.wrap(linux).order(ByteOrder.LITTLE_ENDIAN);
    setup.put(0x1F1, (byte) 30).putShort(0x1FE, (short) 0xAA55).putInt(0x202, 0x53726448);
    setup.putShort(0x206, (short) 0x20F);
    write("cut.bzimage", linux);
    setup.putShort(0x206, (short) 0x200);
    write("old.bzimage", linux);
    write("big", new byte[20 << 20]);
    write("bad.gz", new byte[] {0x1F, (byte) 0x8B, 8, 0, 1, 2, 3});
    Files.createDirectory(folder.resolve("dir"));
    profile("syntax.json", "{\n  \"cpus\": 1,\n}\n");
    profile("unknown.json", "{\n  \"include\": \"tiny\",\n  \"memroy\": \"1G\"\n}\n");
    profile("type.json", "{\"cpus\": \"two\"}");
    profile(
        "clash.json", "{\"include\": \"tiny\",\n \"devices\": {\"b\": {\"type\": \"uart16550\"}}}");
    profile("device.json", "{\"devices\": {\n  \"a\": {\"type\": \"uart16650\"}}}");
    profile("loop.json", "{\"include\": \"loop.json\"}");
    profile(
        "console.json", "{\"include\": \"tiny\", \"consoles\": {\"serial0\": \"file:no/where\"}}");
    profile("realtime.json", "{\"include\": \"tiny\", \"clock\": {\"mode\": \"realtime\"}}");
    profile(
        "flat.json",
        "{\"include\": \"tiny\", \"boot\": {\"guest\": null, \"kernel\": \"big\","
            + " \"kind\": \"flat32\", \"address\": \"0x100000\"}}");
    write("record", "something else\n".getBytes(StandardCharsets.US_ASCII));
    write(
        "record2",
        "nestor-input 1\n5 serial0 61\n3 serial0 62\n".getBytes(StandardCharsets.US_ASCII));
    write("record3", "nestor-input 1\n5 serial0 6x\n".getBytes(StandardCharsets.US_ASCII));
  }

  private static void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private static void profile(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          run                                       | 2 | which profile?
          run tiny pc                               | 2 | one profile at a time: tiny or pc
          run tiny --kernal x                       | 2 | unknown option --kernal; did you mean --kernel?
          run tiny --kernel                         | 2 | --kernel needs a value
          run tiny --cpus 0                         | 2 | --cpus needs a whole number from 1 to 255, not 0
          run tiny --cpus two                       | 2 | --cpus needs a whole number, not "two"
          run tiny --memory lots                    | 2 | --memory needs a size such as 512M or 2G, not "lots"
          run tiny --memory 10K                     | 2 | memory must be whole pages of 4K, from 1M to 1024G
          run tiny --timeout -1                     | 2 | --timeout needs a whole number from 1
          run tiny --seed x                         | 2 | --seed needs a whole number, not "x"
          run tiny --digest=yes                     | 2 | --digest takes no value
          run tiny --env 7                          | 2 | --env needs KEY=VALUE, not "7"
          run tiny --env 1A=7                       | 2 | a name in env must be letters, digits and _
          run tiny --set cpsu=2                     | 2 | unknown key "cpsu" of the profile; did you mean "cpus"?
          run tiny --set cpus                       | 2 | --set needs PATH=VALUE, not "cpus"
          run tiny --record a --replay record       | 2 | --record and --replay exclude each other
          run tiny --model 486                      | 6 | unknown CPU model 486
          run tiny --model intell                   | 6 | did you mean intel?
          run tiny --engine warp                    | 6 | there is no engine warp
          run tinny                                 | 6 | did you mean "tiny"?
          run nosuch.json                           | 6 | nosuch.json: the file does not exist
          run dir/                                  | 6 | this is not a file
          run syntax.json                           | 6 | syntax.json:3:1: expected
          run unknown.json                          | 6 | unknown.json:3:13: unknown key "memroy" of the profile; did you mean "memory"?
          run type.json                             | 6 | type.json:1:10: cpus must be a whole number
          run clash.json                            | 6 | clash.json:2:19: ports 0x3F8-0x3FF of device "b" clash with
          run device.json                           | 6 | device.json:2:17: unknown device type "uart16650"; did you mean "uart16550"?
          run loop.json                             | 6 | loop.json:1:13: includes itself
          run console.json                          | 6 | the console of serial0 cannot be opened: file
          run realtime.json                         | 6 | clock mode realtime
          run flat.json                             | 6 | big
          run pc                                    | 6 | name a kernel with --kernel FILE
          run pc --kernel nosuch                    | 6 | nosuch: no such file
          run pc --kernel dir                       | 6 | dir is not a file
          run pc --kernel empty                     | 6 | empty
          run pc --kernel text                      | 6 | text
          run pc --kernel cut.elf                   | 6 | cut.elf
          run pc --kernel header.elf                | 6 | header.elf
          run pc --kernel high.elf                  | 6 | high.elf
          run pc --kernel cut.bzimage               | 6 | loadflags
          run pc --kernel old.bzimage               | 6 | version
          run pc --kernel bad.gz                    | 6 | bad.gz is a broken gzip file
          run pc --kernel unit.elf --initrd nosuch  | 6 | nosuch: no such file
          run pc --kernel unit.elf --initrd big --memory 16M | 6 | big
          run pc --kernel unit.elf --script ls      | 6 | a script needs an initrd
          run tiny --replay nosuch                  | 6 | nosuch: no such file
          run tiny --replay record                  | 6 | record:1: not a record of input
          run tiny --replay record2                 | 6 | record2:3: expected
          run tiny --replay record3                 | 6 | record3:2:
          run tiny --record no/where                | 6 | cannot record input: there is no such file or folder
          run tiny --stats no/where --timeout 60    | 6 | no/where: cannot be written: there is no such file or folder
          demo now                                  | 2 | demo takes no options
          exec nosuch                               | 6 | there is no file nosuch
          guests fetch nosuch                       | 6 | there is no guest nosuch
          """)
  void isOneErrorAndTheRightCode(String line, int code, String part) throws Exception {
    Nestor.Result result = nestor.command("", line.split(" +"));

    assertThat(result.err()).contains(part).doesNotContain("\tat ").doesNotContain("Exception");
    assertThat(result.err().strip().lines()).as("one error").hasSize(1);
    assertThat(result.code()).isEqualTo(code);
    assertThat(nestor.service(Machines.class).list()).as("nothing half-started").isEmpty();
    assertThat(configurations()).isEmpty();
  }

  private static List<?> configurations() throws Exception {
    Object[] all =
        nestor.service(ConfigurationAdmin.class).listConfigurations("(nestor.machine=*)");
    return all == null ? List.of() : List.of(all);
  }

  @Test
  void aPortThatIsTakenIsToldAndNothingStays() throws Exception {
    try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      Nestor.Result result =
          nestor.command(
              "", "run", "tiny", "--set", "consoles.serial0=tcp:" + taken.getLocalPort());

      assertThat(result.err())
          .contains("the console of serial0 cannot be opened: tcp " + taken.getLocalPort())
          .contains("in use");
      assertThat(result.code()).isEqualTo(6);
      assertThat(configurations()).isEmpty();
    }
  }

  /** A file system of 200 KiB, which the owner of a name space may mount without being root. */
  @Test
  void aFullDiskUnderTheCacheFolderIsNamedWithTheRemedy() throws Exception {
    String mount = "mount -t tmpfs -o size=200k tmpfs " + folder.resolve("dir");
    assumeThat(process("true", mount).code())
        .as("this host cannot mount a small file system without root:")
        .isZero();

    Nestor.Result result = process("./nestor guests fetch linux", mount);

    assertThat(result.err()).contains("too full").contains("set NESTOR_CACHE");
    assertThat(result.code()).isEqualTo(6);
  }

  @Test
  void aCacheFolderThatCannotBeWrittenIsNamed() throws Exception {
    Nestor.Result result = process("NESTOR_CACHE=/proc/nestor ./nestor guests fetch linux", "true");

    assertThat(result.err()).contains("cannot write to the cache folder /proc/nestor");
    assertThat(result.code()).isEqualTo(6);
  }

  private static Nestor.Result process(String command, String before) throws Exception {
    Path err = folder.resolve("err");
    boolean mounts = before.startsWith("mount");
    String script = before + " && " + command;
    ProcessBuilder builder =
        mounts
            ? new ProcessBuilder("unshare", "-rm", "sh", "-c", script)
            : new ProcessBuilder("sh", "-c", script);
    builder.directory(Nestor.HOME.toFile());
    builder.environment().put("NESTOR_BUILT", System.getProperty("nestor.built"));
    builder.environment().put("NESTOR_CACHE", folder.resolve("dir").toString());
    builder.redirectError(err.toFile()).redirectOutput(folder.resolve("out").toFile());
    try {
      Process process = builder.start();
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("still running: " + script);
      }
      return new Nestor.Result(process.exitValue(), "", Files.readString(err));
    } catch (IOException e) {
      return new Nestor.Result(USAGE, "", String.valueOf(e.getMessage())); // there is no unshare
    }
  }
}
