// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

/**
 * Where in a text something stands.
 *
 * @param source name of the file or other origin
 * @param line counted from 1; 0 if it is about the text as a whole
 * @param column counted from 1, in characters
 */
public record JsonPosition(String source, int line, int column) {

  /** {@return the place of what is wrong with a text as a whole} */
  public static JsonPosition whole(String source) {
    return new JsonPosition(source, 0, 0);
  }

  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }
}
