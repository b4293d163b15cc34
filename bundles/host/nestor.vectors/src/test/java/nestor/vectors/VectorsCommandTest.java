// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.testkit.CapturedIo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorsCommandTest {
  private static final Path OPEN_SET = Path.of("../../../vectors").toAbsolutePath().normalize();
  private static final String LAST_LINE = "(?s).*\\n\\d+ passed, \\d+ failed, \\d+ skipped\\n";

  @TempDir Path folder;

  private final Parts parts = TestParts.all();
  private final CapturedIo io = new CapturedIo(Path.of("."), Path.of("../../.."));

  private int run(String... args) throws Exception {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.add("--threads");
    all.add("2");
    return new VectorsCommand(
            parts.memory(), parts.mmu(), parts.cpu(), parts.apic(), parts.engines())
        .run(all, io);
  }

  private static String file(String family) {
    return OPEN_SET.resolve(family + ".jsonl.gz").toString();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("some.jsonl"), text);
  }

  @Test
  void everyDifferenceFoundByRandomProgramsStaysFixed() throws Exception {
    Path corpus = Path.of(getClass().getResource("regressions.jsonl").toURI());

    int code = run(corpus.toString());

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).containsPattern("\\n\\d\\d+ passed, 0 failed, 0 skipped\\n");
  }

  @Test
  void branchesSelfModifyingCodeAndXsavePassInLongMode() throws Exception {
    int code = run(file("branch"), file("smc"), file("xsave"));

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).matches(LAST_LINE).contains(" 0 failed, 0 skipped");
  }

  @Test
  void sixteenBitCodePassesInRealModeWithHiddenSegmentState() throws Exception {
    int code = run("--real-mode", file("mode16"));

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).containsPattern("\\n5\\d\\d\\d passed, 0 failed, \\d\\d skipped\\n");
  }

  @Test
  @Tag("long")
  void theWholeOpenSetPasses() throws Exception {
    int code = run(OPEN_SET.toString());

    assertThat(code).as(io.output()).isEqualTo(Command.OK);
    assertThat(io.output()).contains("50708 passed, 0 failed, 0 skipped");
  }

  @Test
  void aWrongExpectationFailsAndIsShown() throws Exception {
    Path wrong =
        write(
            "{\"id\":\"int-basic/1\",\"c\":\"4801d8\",\"in\":{},\"out\":{\"g\":{\"rax\":\"1\"}}}");

    int code = run(wrong.toString());

    assertThat(code).isEqualTo(Command.BAD_INPUT);
    assertThat(io.output())
        .containsPattern("rax [0-9a-f]+, expected 1\n")
        .endsWith("0 passed, 1 failed, 0 skipped\n");
  }

  @Test
  void badInputIsOneClearError() throws Exception {
    byte[] whole = Files.readAllBytes(OPEN_SET.resolve("branch.jsonl.gz"));
    Path cut = Files.write(folder.resolve("cut.jsonl.gz"), Arrays.copyOf(whole, 5000));
    Path unpacked = Files.write(folder.resolve("packed.jsonl"), whole);
    Path text = Files.writeString(folder.resolve("text.jsonl.gz"), "{}");

    refuses("no such file, or not readable", "nowhere.jsonl");
    refuses("the compressed file is cut off after line", cut.toString());
    refuses("not text; a compressed file must be named *.gz", unpacked.toString());
    refuses("not a good gzip file", text.toString());
    refuses("some.jsonl line 2:1:2: ", write("\n{bad}").toString());
    refuses(
        "some.jsonl line 1: JSON, but not a vector: there is no \"c\"",
        write("{\"id\":\"a/1\"}").toString());
    refuses("no family x88 in these files; did you mean x87?", "--family", "x88", file("x87"));
    refuses("unknown engine fast; known: interpreter", "--engine", "fast", file("branch"));
    refuses("unknown option --famly; did you mean --family?", "--famly", "x87");
  }

  private void refuses(String message, String... args) {
    assertThatThrownBy(() -> run(args))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(message);
  }
}
