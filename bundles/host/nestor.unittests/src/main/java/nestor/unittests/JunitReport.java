// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.util.List;
import java.util.Locale;

/**
 * Outcomes in the form that CI servers read: a test suite an image, in it a test case a result
 * line, and one named {@code run} for the image as a whole.
 */
final class JunitReport {
  private static final String RUN = "run";

  private JunitReport() {}

  static String of(List<Outcome> outcomes) {
    StringBuilder out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.append("<testsuites name=\"nestor unittests\">\n");
    outcomes.forEach(outcome -> suite(outcome, out));
    return out.append("</testsuites>\n").toString();
  }

  private static void suite(Outcome outcome, StringBuilder out) {
    Transcript said = outcome.said();
    boolean runFailed = !outcome.verdict().good;
    boolean runSkipped = outcome.verdict() == Verdict.SKIPPED;
    out.append(
        String.format(
            Locale.ROOT,
            "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" errors=\"0\""
                + " time=\"%.3f\">%n",
            escape(outcome.name()),
            said.checks().size() + 1,
            said.count(Check.Kind.FAIL) + (runFailed ? 1 : 0),
            said.count(Check.Kind.SKIP) + (runSkipped ? 1 : 0),
            outcome.seconds()));
    for (Check check : said.checks()) {
      String inner =
          switch (check.kind()) {
            case PASS, EXPECTED -> "";
            case FAIL -> "<failure message=\"" + escape(check.name()) + "\"/>";
            case SKIP -> "<skipped/>";
          };
      testcase(outcome, check.name(), inner, 0, out);
    }
    String text = outcome.verdict().words + (outcome.why().isEmpty() ? "" : ": " + outcome.why());
    String inner =
        runFailed ? "<failure message=\"" + escape(text) + "\"/>" : runSkipped ? "<skipped/>" : "";
    testcase(outcome, RUN, inner, outcome.seconds(), out);
    out.append("    <system-out>").append(escape(said.text())).append("</system-out>\n");
    out.append("  </testsuite>\n");
  }

  private static void testcase(
      Outcome outcome, String name, String inner, double seconds, StringBuilder out) {
    out.append(
        String.format(
            Locale.ROOT,
            "    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
            escape(outcome.name()),
            escape(name),
            seconds));
    out.append(inner.isEmpty() ? "/>\n" : ">" + inner + "</testcase>\n");
  }

  /** Text for XML 1.0: markup escaped, characters that it cannot carry shown as {@code ?}. */
  private static String escape(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\r' -> {
                  // lines end with \n in XML
                }
                case '\n', '\t' -> out.append((char) c);
                default -> out.appendCodePoint(isLegal(c) ? c : '?');
              }
            });
    return out.toString();
  }

  private static boolean isLegal(int c) {
    return c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x1_0000;
  }
}
