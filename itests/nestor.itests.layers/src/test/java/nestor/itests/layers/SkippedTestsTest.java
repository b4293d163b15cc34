// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SkippedTestsTest {

  /** Elsewhere a skip is only a pity; in CI it may hide that something is not tested at all. */
  @Test
  void whereCiIsTrueATestIsSkippedForAListedReasonOnly() throws Exception {
    List<String> allowed = SkippedTests.reasons(Tree.ROOT.resolve("itests/allowed-skips.txt"));

    List<String> offences = SkippedTests.withoutReason(Tree.ROOT, allowed);

    assertThat(SkippedTests.reports(Tree.ROOT)).isNotEmpty();
    if ("true".equals(System.getenv("CI"))) {
      assertThat(offences).describedAs("see itests/allowed-skips.txt").isEmpty();
    }
  }

  @Test
  void tellsListedReasonsFromOthers(@TempDir Path root) throws Exception {
    report(
        root,
        """
        <testsuite>
          <testcase name="runs" classname="A"/>
          <testcase name="assumed" classname="A">
            <skipped message="Assumption failed: this host has no QEMU: not on the PATH"/>
          </testcase>
          <testcase name="disabled" classname="A">
            <skipped message="later"/>
          </testcase>
          <testcase name="silent" classname="A"><skipped/></testcase>
          <testcase name="inText" classname="A">
            <skipped><![CDATA[org.opentest4j.TestAbortedException: Assumption failed: no mood]]></skipped>
          </testcase>
        </testsuite>
        """);

    List<String> offences = SkippedTests.withoutReason(root, List.of("this host has no QEMU"));

    assertThat(offences)
        .containsExactlyInAnyOrder(
            "A.disabled was skipped: later",
            "A.silent was skipped: no reason given",
            "A.inText was skipped: no mood");
  }

  private static void report(Path root, String text) throws IOException {
    Path folder = Files.createDirectories(root.resolve("module/target/surefire-reports"));
    Files.writeString(folder.resolve("TEST-A.xml"), text);
  }
}
