// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import nestor.isa.Assembler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** {@code unittests} on an image of our own that ends in every way an image can end. */
class UnitTestsIT {
  private static final long BASE = 0x40_0000;

  @TempDir private static Path folder;
  private static Nestor nestor;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    Path source = Nestor.HOME.resolve("guests/tests/checks.asm");
    byte[] image = Assembler.assemble(Files.readString(source), source.toString(), BASE).bytes();
    Files.write(folder.resolve("checks.elf"), image);
    Files.writeString(folder.resolve("broken.elf"), "this is not an image");
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  private static Nestor.Result unittests(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("unittests"));
    all.addAll(List.of(words));
    return nestor.command("", all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          checks.elf pass  | 0 | passed     | 3 | 0 | 0
          checks.elf skip  | 0 | skipped    | 1 | 0 | 1
          checks.elf fail  | 8 | failed     | 4 | 1 | 1
          checks.elf mute  | 8 | no summary | 1 | 0 | 0
          checks.elf abort | 8 | aborted    | 1 | 0 | 0
          checks.elf triple| 8 | died       | 0 | 0 | 0
          checks.elf hang  | 8 | time limit | 0 | 0 | 0
          broken.elf       | 8 | broken     | 0 | 0 | 0
          nowhere.elf      | 8 | broken     | 0 | 0 | 0
          """)
  void tellsHowAnImageEnded(
      String test, int code, String result, int checks, int failed, int skipped) throws Exception {
    Nestor.Result ran = unittests(test, "--timeout", "1");

    assertThat(ran.out())
        .containsPattern(
            String.format(
                "(?m)^%s +%s +%d +%d +%d +[0-9.]+", test, result, checks, failed, skipped));
    assertThat(ran.code()).as(ran.out()).isEqualTo(code);
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void runsSeveralAtATimeAndWritesWhatCiServersRead() throws Exception {
    Nestor.Result ran =
        unittests(
            "checks.elf pass",
            "checks.elf fail",
            "checks.elf hang",
            "checks.elf hang",
            "checks.elf hang",
            "broken.elf",
            "--jobs",
            "4",
            "--timeout",
            "2",
            "--junit",
            "out.xml");

    assertThat(ran.code()).isEqualTo(8);
    assertThat(ran.out())
        .contains("checks.elf fail: FAIL: 1 < 0\n")
        .contains("1 of 6 images passed or were skipped");
    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(folder.resolve("out.xml").toFile())
            .getDocumentElement();
    NodeList suites = root.getElementsByTagName("testsuite");
    assertThat(suites.getLength()).isEqualTo(6);
    Element pass = (Element) suites.item(0);
    assertThat(pass.getAttribute("name")).isEqualTo("checks.elf pass");
    assertThat(pass.getAttribute("failures")).isEqualTo("0");
    assertThat(((Element) pass.getElementsByTagName("testcase").item(0)).getAttribute("name"))
        .isEqualTo("one & only");
    Element fail = (Element) suites.item(1);
    assertThat(fail.getAttribute("failures")).as("the line, and the run").isEqualTo("2");
    assertThat(((Element) fail.getElementsByTagName("failure").item(0)).getAttribute("message"))
        .isEqualTo("1 < 0");
    assertThat(fail.getElementsByTagName("system-out").item(0).getTextContent())
        .contains("SUMMARY: 4 tests");
    assertThat(((Element) suites.item(5)).getElementsByTagName("failure").item(0)).isNotNull();
  }

  @Test
  void anImageWithoutASummaryPassesByTheTextThatTheUserExpects() throws Exception {
    assertThat(unittests("checks.elf mute", "--expect", "the end").code()).isZero();
    assertThat(unittests("checks.elf mute", "--expect", "an end").code()).isEqualTo(8);
  }

  @Test
  void theModelAndTheSizeOfTheMachineAreTheUsers() throws Exception {
    assertThat(
            unittests(
                    "checks.elf pass",
                    "--model",
                    "amd",
                    "--cpus",
                    "2",
                    "--memory",
                    "256m",
                    "--engine",
                    "interpreter",
                    "--env",
                    "A=1")
                .code())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --jobs 2                | 2 | which images?
          x --jobs 0              | 2 | --jobs needs a whole number from 1 to 64, not 0
          x --jbos 2              | 2 | unknown option --jbos; did you mean --jobs?
          x --set nonsense=1      | 6 | nonsense
          checks.elf --junit no/x | 6 | cannot be written
          """)
  void failuresSayWhatIsWrong(String words, int code, String part) throws Exception {
    Nestor.Result ran = unittests(words.split(" "));

    assertThat(ran.err()).contains(part);
    assertThat(ran.code()).isEqualTo(code);
  }
}
