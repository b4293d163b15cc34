// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.util.Optional;
import nestor.api.machine.Ending;

/** What came of an image. */
enum Verdict {
  /** It ended with 0, its summary tells of no failure. */
  PASSED("passed", true),
  /** It left everything out. */
  SKIPPED("skipped", true),
  /** It ended by itself, and something failed. */
  FAILED("failed", false),
  /** It said that all was well, and not what: the exit code alone proves nothing. */
  UNCLEAR("no summary", false),
  /** An assertion of its own, or an exception that it did not expect. */
  ABORTED("aborted", false),
  /** A triple fault, or a failure of the machine. */
  DIED("died", false),
  /** The time was over. */
  TIME_LIMIT("time limit", false),
  /** It is not an image that can be started. */
  BROKEN("broken", false);

  private static final int ALL_SKIPPED = 38;
  private static final int ASSERTION = 63;

  final String words;
  final boolean good;

  Verdict(String words, boolean good) {
    this.words = words;
    this.good = good;
  }

  /**
   * {@return the verdict on a run}
   *
   * @param ending how it ended; empty if its time was over first
   * @param expected a text that stands for a summary in images that print none; null for none
   */
  static Verdict of(Optional<Ending> ending, Transcript said, String expected) {
    if (ending.isEmpty()) {
      return TIME_LIMIT;
    }
    return switch (ending.get().kind()) {
      case DIED, FAILED, RESET -> DIED;
      case POWER_OFF, STOPPED -> byWords(said, expected);
      case EXIT ->
          switch (ending.get().value()) {
            case 0 -> byWords(said, expected);
            case ALL_SKIPPED -> SKIPPED;
            case ASSERTION -> ABORTED;
            default -> FAILED;
          };
    };
  }

  private static Verdict byWords(Transcript said, String expected) {
    if (said.failures() > 0) {
      return FAILED;
    }
    boolean summedUp = said.summary().isPresent();
    boolean replaced = expected != null && said.text().contains(expected);
    return summedUp || replaced ? PASSED : UNCLEAR;
  }
}
