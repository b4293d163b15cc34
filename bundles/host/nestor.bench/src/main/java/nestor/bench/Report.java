// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.PrintStream;
import java.util.List;
import nestor.api.json.Json;

/** Figures as a table for people, and as one JSON object a line for programs. */
final class Report {
  private static final String[] HEADINGS = {"NAME", "UNIT", "NESTOR", "QEMU", "NATIVE", "RATIO"};

  private Report() {}

  static void print(List<Figure> figures, PrintStream out) {
    int name = HEADINGS[0].length();
    int unit = HEADINGS[1].length();
    for (Figure figure : figures) {
      name = Math.max(name, figure.name().length());
      unit = Math.max(unit, figure.unit().length());
    }
    String format = "%-" + name + "s  %-" + unit + "s  %10s  %10s  %10s  %8s%n";
    out.printf(format, (Object[]) HEADINGS);
    for (Figure figure : figures) {
      out.printf(
          format,
          figure.name(),
          figure.unit(),
          Figure.text(figure.nestor()),
          Figure.text(figure.qemu()),
          Figure.text(figure.bare()),
          Figure.text(figure.ratio()));
    }
  }

  static String json(List<Figure> figures) {
    StringBuilder text = new StringBuilder();
    for (Figure figure : figures) {
      text.append(Json.write(figure.members())).append('\n');
    }
    return text.toString();
  }
}
