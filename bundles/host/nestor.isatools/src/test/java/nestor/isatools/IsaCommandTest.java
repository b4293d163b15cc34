// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.isa.Isa;
import nestor.isa.Mnemonic;
import nestor.isa.Row;
import nestor.testkit.CapturedIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsaCommandTest {
  @TempDir Path folder;
  private CapturedIo io;

  @BeforeEach
  void captureOutput() {
    io = new CapturedIo(folder, folder);
  }

  private String run(String... args) throws Exception {
    int code = new IsaCommand().run(List.of(args), io);
    assertThat(code).isEqualTo(Command.OK);
    return io.output();
  }

  @Test
  void decodesBytesInTheModeAskedFor() throws Exception {
    assertThat(run("decode", "40 90")).containsPattern("0  4090 +nop\n").doesNotContain("inc");
    assertThat(run("decode", "4090", "--mode", "32", "--at", "1000"))
        .containsPattern("1000  40 +inc eax\n")
        .containsPattern("1001  90 +nop\n");
  }

  @Test
  void pauseIsNotDecodedAsNop() throws Exception {
    assertThat(run("decode", "f390")).contains(" pause\n");
  }

  @Test
  void bytesThatAreNoInstructionAreSaidToBeSo() throws Exception {
    assertThat(run("decode", "0f0467c5")).contains("(undefined: #UD)").contains("(ends too early)");
  }

  @Test
  void encodesTheShortestForm() throws Exception {
    assertThat(run("encode", "add", "rax,", "1")).isEqualTo("4883c001\n");
  }

  @Test
  void showsEveryRowOfAMnemonic() throws Exception {
    String text = run("show", "adc");
    long rows = Isa.rows().stream().filter(row -> row.mnemonic == Mnemonic.ADC).count();
    assertThat(text.lines()).hasSize((int) rows);
    assertThat(text).contains("reads C writes OSZAPC");
  }

  @Test
  void wrongWordsAreNamedWithWhatWasMeant() {
    refuses("unknown word dceode; did you mean decode?", "dceode");
    refuses("no instruction shdl; did you mean", "show", "shdl");
    refuses("not hexadecimal bytes: xyz", "decode", "xyz");
    refuses("--mode is 16, 32 or 64, not 8", "decode", "90", "--mode", "8");
    refuses("there is no instruction moov", "encode", "moov eax, 1");
    refuses("nothing: no such file, or not readable", "compare", "nothing");
    refuses("reached.txt: no such file, or not readable", "--coverage");
  }

  private void refuses(String message, String... args) {
    assertThatThrownBy(() -> run(args))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(message);
  }

  @Test
  void coverageCountsWhatRealRunsHaveReached() throws Exception {
    Row add = Isa.rows().getFirst();
    Row or = Isa.rows().get(12);
    Path target = Files.createDirectories(folder.resolve("bundles/a/b/target/rows"));
    Files.writeString(target.resolve("17.rows"), or.key() + "\n");
    Files.createDirectories(folder.resolve("vectors"));
    Files.writeString(folder.resolve("v.rows"), add.key() + "\n");
    Files.writeString(folder.resolve("random.rows"), add.key() + "\nGONE 00 /r\n");

    String text = run("--coverage", "--merge", "v.rows", "random.rows");

    assertThat(text)
        .contains("     1 reached by recorded vectors\n")
        .contains("     1 reached by random programs against a host's CPU\n")
        .contains("     1 reached by Nestor's own tests\n")
        .doesNotContain("         " + add.key() + "\n");
    assertThat(Files.readAllLines(folder.resolve("vectors/reached.txt")))
        .contains("vr " + add.key(), "t " + or.key())
        .doesNotContain("r GONE 00 /r");
  }
}
