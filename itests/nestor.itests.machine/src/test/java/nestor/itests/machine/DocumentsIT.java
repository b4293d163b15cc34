// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents say is what the machine does. */
class DocumentsIT {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)[^)]*\\)");

  @TempDir private Path folder;

  private static String document(String name) throws Exception {
    return Files.readString(Nestor.HOME.resolve(name));
  }

  @Test
  void whyTellsTheWalkOfAnExceptionAsDocumented() throws Exception {
    try (Nestor nestor = Nestor.start(folder)) {
      Machine machine = nestor.createUnit("m0", "fault");
      machine.start();
      machine.trace(-1, 10);

      String answer = nestor.shell("why m0").out();

      assertThat(document("docs/walk.md").replaceAll("0x[0-9a-f]{4,}", "ADDRESS"))
          .contains("nestor> why m0\n" + answer.replaceAll("0x[0-9a-f]{4,}", "ADDRESS") + "```");
    }
  }

  @Test
  void whyTellsTheWalkOfAVmExitAsDocumented() throws Exception {
    try (Nestor nestor = Nestor.start(folder)) {
      String machine = "create tiny cpu.model=intel boot.guest=hypervisor; ";
      nestor.shell(machine + "break m0 exit CPUID; start m0; break m0 --wait 20");

      String answer = nestor.shell("why m0").out();

      assertThat(answer).contains("L1 goes on");
      assertThat(document("docs/walk.md").replaceAll("0x[0-9a-f]{4,}", "ADDRESS"))
          .contains("nestor> why m0\n" + answer.replaceAll("0x[0-9a-f]{4,}", "ADDRESS") + "```");
    }
  }

  @Test
  void theBoardNamesEveryDeviceOfThePcWithItsBundle() throws Exception {
    try (Nestor nestor = Nestor.start(folder)) {
      String board = document("docs/board.md");
      for (DeviceView device : nestor.createUnit("m0", "spin").devices()) {
        String bundle = device.bundle().substring(0, device.bundle().indexOf(' '));
        assertThat(board)
            .containsPattern(
                "(?m)─ " + device.name() + "( \\(pc\\))? .*" + Pattern.quote(bundle) + "\\b");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "CONTRIBUTING.md", "docs/board.md", "docs/walk.md"})
  void linksLeadSomewhere(String name) throws Exception {
    Path base = Nestor.HOME.resolve(name).getParent();

    assertThat(LINK.matcher(document(name)).results().map((MatchResult m) -> m.group(1)))
        .filteredOn(link -> !link.startsWith("http"))
        .allMatch(link -> Files.exists(base.resolve(link)));
  }
}
