// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import nestor.api.command.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
  private static final Syntax SYNTAX =
      Syntax.of("look", "look at something")
          .machine()
          .word("WHAT", WordKind.TEXT, "what to look at")
          .optional("TIMES", WordKind.TEXT, "how often")
          .option("--cpu", "-c", "N", WordKind.TEXT, "who looks")
          .json();

  private static Words parse(String line) throws CommandException {
    List<String> typed = line.isBlank() ? List.of() : Arrays.asList(line.strip().split(" +"));
    return Words.parse(SYNTAX, typed, Path.of("/home"), word -> word.equals("m0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          thing               |     | thing | 1  | 9
          thing 3             |     | thing | 3  | 9
          m0 thing            | m0  | thing | 1  | 9
          m0 thing 3          | m0  | thing | 3  | 9
          m9 thing 3          | m9  | thing | 3  | 9
          -m m9 thing 3       | m9  | thing | 3  | 9
          thing 3 --machine m9 | m9 | thing | 3  | 9
          --machine=m9 m0     | m9  | m0    | 1  | 9
          thing -c 2          |     | thing | 1  | 2
          --cpu=2 m0 thing -3 | m0  | thing | -3 | 2
          -- --json           |     | --json | 1 | 9
          """)
  void tellsTheMachineFromTheOtherWords(
      String line, String machine, String what, long times, long cpu) throws Exception {
    Words words = parse(line);

    assertThat(words.option(Syntax.MACHINE, null)).isEqualTo(machine);
    assertThat(words.text("WHAT")).isEqualTo(what);
    assertThat(words.whole("TIMES", -9, 9).orElse(1)).isEqualTo(times);
    assertThat(words.whole("--cpu", 0, 9).orElse(9)).isEqualTo(cpu);
    assertThat(words.isJson()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''             | look: WHAT is missing; usage: look [MACHINE] WHAT [TIMES] [--cpu N] [--json]
          m0             | look: WHAT is missing
          m0 a 1 x       | look: "x" is one word too many
          a --jsno       | look: unknown option --jsno; did you mean --json?
          a --json=yes   | look: --json takes no value
          a --cpu        | look: --cpu needs a value
          """)
  void saysWhatIsMissingUnknownOrTooMuch(String line, String message) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(CommandException.class)
        .hasMessageStartingWith(message)
        .extracting("exitCode")
        .isEqualTo(2);
  }

  @Test
  void checksNumbersAgainstTheirLimits() throws Exception {
    assertThat(parse("a 0x10").whole("TIMES", 0, 16)).hasValue(16);
    assertThatThrownBy(() -> parse("a 17").whole("TIMES", 0, 16))
        .hasMessageStartingWith("look: TIMES must be a whole number from 0 to 16, not 17");
    assertThatThrownBy(() -> parse("a x").whole("TIMES", 0, 16))
        .hasMessageStartingWith("look: TIMES must be a whole number, not \"x\"");
  }

  @Test
  void helpIsAskedForWithoutTheWordsThatElseMustBeThere() throws Exception {
    assertThat(parse("--help").isHelp()).isTrue();
    assertThat(SYNTAX.help())
        .isEqualTo(
            """
            look - look at something

            Usage: look [MACHINE] WHAT [TIMES] [--cpu N] [--json]

              MACHINE              its name; may be left out if there is only one
              WHAT                 what to look at
              TIMES                how often
              -m, --machine NAME   which machine
              -c, --cpu N          who looks
              -j, --json           print JSON, for programs
            """);
  }
}
