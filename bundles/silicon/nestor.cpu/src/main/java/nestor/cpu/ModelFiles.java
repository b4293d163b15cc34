// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Properties;

/** The CPU model files of this bundle, by name. */
final class ModelFiles {
  /** Names of the models, best known first. */
  static final List<String> NAMES =
      List.of("amd", "intel", "max", "max-intel", "minimal", "amd-affected", "intel-affected");

  /** What ends the name of a model that admits to the speculation bugs of its original. */
  static final String AFFECTED = "-affected";

  private ModelFiles() {}

  /**
   * {@return the file of a model}
   *
   * @throws IllegalArgumentException naming the nearest model
   */
  static Properties load(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "unknown CPU model " + name + "; did you mean " + nearest(name, NAMES) + "?");
    }
    String file = name.endsWith(AFFECTED) ? name.replace(AFFECTED, "") : name;
    Properties properties = new Properties();
    try (InputStream in = ModelFiles.class.getResourceAsStream("models/" + file + ".properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /** {@return the word with the smallest edit distance} */
  static String nearest(String word, Collection<String> known) {
    String best = "";
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(word, candidate);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
