// SPDX-License-Identifier: Apache-2.0
package nestor.api.command;

import java.util.Collection;
import java.util.Locale;

/** Finds what somebody who mistyped a word may have meant. */
public final class NearestWord {
  private NearestWord() {}

  /**
   * {@return the known word that {@code typed} most resembles, or null if none comes near}
   *
   * <p>Near means: at most a third of the letters inserted, left out, changed or swapped with a
   * neighbour; or one word is the beginning of the other.
   */
  public static String to(String typed, Collection<String> known) {
    String lower = typed.toLowerCase(Locale.ROOT);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String word : known) {
      String candidate = word.toLowerCase(Locale.ROOT);
      int distance = distance(lower, candidate);
      boolean begins =
          lower.length() >= 2 && (candidate.startsWith(lower) || lower.startsWith(candidate));
      int allowed = Math.max(1, (Math.max(lower.length(), candidate.length()) + 1) / 3);
      if ((distance <= allowed || begins) && distance < bestDistance) {
        best = word;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** Edits that make one word the other, a swap of neighbours being one (optimal alignment). */
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(edits[i - 1][j - 1] + change, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, edits[i - 2][j - 2] + 1);
        }
        edits[i][j] = least;
      }
    }
    return edits[a.length()][b.length()];
  }
}
