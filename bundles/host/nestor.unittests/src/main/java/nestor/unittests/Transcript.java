// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an image said on its console: result lines, and the line that sums them up.
 *
 * @param text all of it
 * @param checks the result lines in order
 * @param summary the last summary; empty if there is none, so that nobody knows whether all ran
 */
record Transcript(String text, List<Check> checks, Optional<Summary> summary) {
  private static final Pattern SUMMARY =
      Pattern.compile("SUMMARY: (\\d+) tests?(.*)", Pattern.DOTALL);

  private static final Pattern COUNT = Pattern.compile("(\\d+) ([a-z ]+)");

  /**
   * The counts of a summary.
   *
   * @param tests all, also those that said nothing
   */
  record Summary(long tests, long failures, long skipped) {}

  /** {@return the transcript of a console} */
  static Transcript of(String text) {
    List<Check> checks = new ArrayList<>();
    Summary summary = null;
    for (String line : text.split("\r?\n")) {
      Check check = Check.of(line);
      if (check != null) {
        checks.add(check);
      }
      Summary found = summary(line);
      summary = found == null ? summary : found;
    }
    return new Transcript(text, List.copyOf(checks), Optional.ofNullable(summary));
  }

  private static Summary summary(String line) {
    Matcher matcher = SUMMARY.matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    long failures = 0;
    long skipped = 0;
    Matcher count = COUNT.matcher(matcher.group(2));
    while (count.find()) {
      long number = Long.parseLong(count.group(1));
      switch (count.group(2).strip()) {
        case "unexpected failures" -> failures = number;
        case "skipped" -> skipped = number;
        default -> {
          // expected failures are as good as passes
        }
      }
    }
    return new Summary(Long.parseLong(matcher.group(1)), failures, skipped);
  }

  /** {@return how many result lines say that} */
  long count(Check.Kind kind) {
    return checks.stream().filter(check -> check.kind() == kind).count();
  }

  /** {@return checks made: the summary counts more than the lines tell} */
  long tests() {
    return summary.map(Summary::tests).orElse((long) checks.size());
  }

  /** {@return checks that failed and should not have} */
  long failures() {
    return summary.map(Summary::failures).orElse(count(Check.Kind.FAIL));
  }

  /** {@return checks that were left out} */
  long skipped() {
    return summary.map(Summary::skipped).orElse(count(Check.Kind.SKIP));
  }
}
