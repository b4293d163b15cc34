// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

/**
 * One result line of an image.
 *
 * @param name what was checked
 */
record Check(Kind kind, String name) {

  /** What the line says. */
  enum Kind {
    PASS("PASS: "),
    FAIL("FAIL: "),
    SKIP("SKIP: "),
    EXPECTED("XFAIL: ");

    final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** {@return the check that a line tells of, or null} */
  static Check of(String line) {
    for (Kind kind : Kind.values()) {
      if (line.startsWith(kind.prefix)) {
        return new Check(kind, line.substring(kind.prefix.length()).strip());
      }
    }
    return null;
  }
}
