// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import org.junit.jupiter.api.Test;

class OwnOptionsTest {
  private static final List<String> ENGINES = List.of("host", "host,checked", "interpreter");

  private static OwnOptions parse(String... words) throws CommandException {
    return new OwnOptions(List.of(words), Set.of("--engines", "--every"), Set.of("--no-plug"));
  }

  private static void refuses(String message, String... words) {
    assertThatThrownBy(
            () -> {
              OwnOptions own = parse(words);
              own.count("--every", 1);
              own.engines("--engines", "host", ENGINES);
            })
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(Command.USAGE))
        .hasMessage(message);
  }

  @Test
  void leavesTheProfileAndTheOptionsOfRun() throws Exception {
    OwnOptions own = parse("--every=1_000", "linux", "--no-plug", "--script", "uname -a");

    assertThat(own.rest).containsExactly("linux", "--script", "uname -a");
    assertThat(own.count("--every", 7)).isEqualTo(1_000);
    assertThat(own.has("--no-plug")).isTrue();
    assertThat(own.has("--engines")).isFalse();
  }

  @Test
  void aCommaStandsBetweenEnginesAndInTheirNames() throws Exception {
    OwnOptions own = parse("--engines", "interpreter,host,checked,host");

    assertThat(own.engines("--engines", "", ENGINES))
        .containsExactly("interpreter", "host,checked", "host");
  }

  @Test
  void saysWhatIsWrong() {
    refuses("unknown option --evry; did you mean --every?", "--evry", "1");
    refuses("--every needs a value", "--every");
    refuses("--every needs a whole number, not \"x\"", "--every", "x");
    refuses("--every needs a whole number from 1 on, not 0", "--every", "0");
    refuses("--no-plug takes no value", "--no-plug=1");
    refuses(
        "there is no engine fast; there are: host, host,checked, interpreter",
        "--engines",
        "host,fast");
  }
}
