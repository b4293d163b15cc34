// SPDX-License-Identifier: Apache-2.0
package nestor.api.json;

/**
 * Where in a text something stands.
 *
 * @param source name of the file or other origin
 * @param line counted from 1
 * @param column counted from 1, in characters
 */
public record JsonPosition(String source, int line, int column) {

  @Override
  public String toString() {
    return source + ":" + line + ":" + column;
  }
}
