// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A whole boot of Linux and a benchmark kernel, compared all the way, and under engines that are
 * exchanged a thousand times.
 */
class LockstepIT {
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final Pattern DIGEST = Pattern.compile("digest ([0-9a-f]{64})");
  private static final String SCRIPT = "uname -a; bench -s 1 sieve";

  @BeforeAll
  static void onAHostThatTheEngineIsFor() throws Exception {
    assumeThat(System.getProperty("os.arch") + "-" + System.getProperty("os.name"))
        .describedAs("this host is not x86-64 Linux")
        .isEqualTo("amd64-Linux");
    assertThat(Nestor.run(LIMIT, "guests", "fetch", "linux").code()).isZero();
  }

  @Test
  void linuxBootsOnBothEnginesWithoutADifference() throws Exception {
    Nestor.Result result = Nestor.run(LIMIT, "lockstep", "linux", "--script", "uname -a");

    assertThat(result.output())
        .contains("GNU/Linux")
        .containsPattern("no difference in [0-9,]+ comparisons: 1,[0-9]{3},[0-9]{3},[0-9]{3} instr")
        .contains("the run ended: the guest switched the machine off");
    assertThat(result.code()).isZero();
  }

  @Test
  @Tag("long")
  void aThousandExchangesOfTheEngineLeaveTheSameDigest() throws Exception {
    String undisturbed = digest("run", "linux", "--script", SCRIPT, "--digest");
    List<String> words = new ArrayList<>(List.of("soak", "--no-plug", "--swaps", "1000"));
    words.addAll(List.of("--every", "1400000", "--minutes", "15"));
    words.addAll(List.of("linux", "--script", SCRIPT, "--digest"));

    String swapped = digest(words.toArray(String[]::new));

    assertThat(swapped).isEqualTo(undisturbed);
  }

  private static String digest(String... words) throws Exception {
    Nestor.Result result = Nestor.run(LIMIT, words);
    Matcher matcher = DIGEST.matcher(result.output());
    assertThat(matcher.find()).describedAs(result.output()).isTrue();
    if (words[0].equals("soak")) {
      assertThat(result.output()).contains("1000 exchanges of the engine, 0 of a device");
    }
    assertThat(result.code()).isZero();
    return matcher.group(1);
  }
}
