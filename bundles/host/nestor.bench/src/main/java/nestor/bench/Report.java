// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
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
    String format = "%-" + name + "s  %-" + unit + "s  %10s  %10s  %10s  %8s";
    List<String> more = more(figures);
    out.printf(format, (Object[]) HEADINGS);
    more.forEach(key -> out.printf("  %" + width(key) + "s", key.toUpperCase(Locale.ROOT)));
    out.println();
    for (Figure figure : figures) {
      out.printf(
          format,
          figure.name(),
          figure.unit(),
          Figure.text(figure.nestor()),
          Figure.text(figure.qemu()),
          Figure.text(figure.bare()),
          Figure.text(figure.ratio()));
      for (String key : more) {
        double value = figure.more().getOrDefault(key, Double.NaN);
        out.printf("  %" + width(key) + "s", Figure.text(value));
      }
      out.println();
    }
  }

  private static List<String> more(List<Figure> figures) {
    return figures.stream().flatMap(figure -> figure.more().keySet().stream()).distinct().toList();
  }

  private static int width(String heading) {
    return Math.max(heading.length(), 9);
  }

  static String json(List<Figure> figures) {
    StringBuilder text = new StringBuilder();
    for (Figure figure : figures) {
      text.append(Json.write(figure.members())).append('\n');
    }
    return text.toString();
  }
}
