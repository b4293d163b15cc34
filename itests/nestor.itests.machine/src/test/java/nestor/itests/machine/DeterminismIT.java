// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same machine, seed and input end in the same state. */
class DeterminismIT {
  @TempDir private static Path folder;
  private static Nestor nestor;
  private static String image;

  @BeforeAll
  static void start() throws Exception {
    nestor = Nestor.start(folder);
    image = nestor.unitImage().toString();
  }

  @AfterAll
  static void stop() {
    nestor.close();
  }

  private static String run(String input, String append, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("run", "pc", "--kernel", image));
    words.addAll(List.of("--append", append, "--digest", "--timeout", "60"));
    Collections.addAll(words, more);
    Nestor.Result result = nestor.command(input, words.toArray(String[]::new));
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).containsPattern("digest [0-9a-f]{64}\n$");
    return result.out();
  }

  @Test
  void oneSeedOneDigestAnotherSeedAnother() throws Exception {
    String first = run("", "random", "--seed", "11");
    String second = run("", "random", "--seed", "11");
    String other = run("", "random", "--seed", "12");

    assertThat(second).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(other.lines().findFirst()).isNotEqualTo(first.lines().findFirst());
  }

  @Test
  void aDifferentCommandLineIsADifferentState() throws Exception {
    assertThat(run("", "report a")).isNotEqualTo(run("", "report b"));
  }

  @Test
  void recordedInputEntersAtTheSameInstantsAgain() throws Exception {
    Path record = folder.resolve("input");

    String live = run("hello q", "echo", "--record", record.toString());
    String again = run("not this", "echo", "--replay", record.toString());

    assertThat(live).startsWith("h at ").contains("\no at ");
    assertThat(again).isEqualTo(live);
    assertThat(Files.readString(record)).matches("nestor-input 1\n[0-9]+ serial0 68656c6c6f2071\n");
  }

  @Test
  void inputAtOtherInstantsIsAnotherRun() throws Exception {
    Path early = Files.writeString(folder.resolve("early"), "nestor-input 1\n5000 serial0 6171\n");
    Path late = Files.writeString(folder.resolve("late"), "nestor-input 1\n700000 serial0 6171\n");

    String first = run("", "echo", "--replay", early.toString());
    String second = run("", "echo", "--replay", late.toString());

    assertThat(first).startsWith("a at 5");
    assertThat(second).startsWith("a at 7");
  }
}
