// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.util.Collection;

/** Finds the word that was probably meant. */
final class NearestName {
  private NearestName() {}

  /** {@code ", did you mean X?"}, or nothing if no name is near. */
  static String hint(String word, Collection<String> names) {
    String best = null;
    int least = Math.max(1, word.length() / 2) + 1;
    for (String name : names) {
      int distance = name.startsWith(word) ? 1 : distance(word, name);
      if (distance < least) {
        least = distance;
        best = name;
      }
    }
    return best == null ? "" : ", did you mean " + best + "?";
  }

  /** Levenshtein distance: the fewest insertions, deletions and substitutions. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
