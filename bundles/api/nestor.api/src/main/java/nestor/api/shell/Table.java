// SPDX-License-Identifier: Apache-2.0
package nestor.api.shell;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.json.Json;

/** Rows under headings: aligned columns for people, one JSON array of objects for programs. */
public final class Table {
  private final String[] columns;
  private final List<Object[]> rows = new ArrayList<>();

  /** A table without rows; the JSON keys are the headings in lower case. */
  public Table(String... columns) {
    this.columns = columns.clone();
  }

  /** Adds a row: as many values as there are columns. Numbers align to the right. */
  public Table row(Object... values) {
    if (values.length != columns.length) {
      throw new IllegalArgumentException(
          values.length + " values for " + columns.length + " columns");
    }
    rows.add(values.clone());
    return this;
  }

  /** {@return the table as text, or as JSON} */
  public String print(boolean json) {
    return json ? json() : text();
  }

  private String json() {
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Object[] row : rows) {
      Map<String, Object> object = new LinkedHashMap<>();
      for (int i = 0; i < columns.length; i++) {
        object.put(columns[i].toLowerCase(Locale.ROOT), row[i]);
      }
      objects.add(object);
    }
    return Json.write(objects);
  }

  private String text() {
    int[] widths = new int[columns.length];
    for (int i = 0; i < columns.length; i++) {
      widths[i] = columns[i].length();
      for (Object[] row : rows) {
        widths[i] = Math.max(widths[i], String.valueOf(row[i]).length());
      }
    }
    StringBuilder out = new StringBuilder();
    line(columns, widths, out);
    for (Object[] row : rows) {
      line(row, widths, out);
    }
    return out.toString();
  }

  private static void line(Object[] cells, int[] widths, StringBuilder out) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.length; i++) {
      String text = String.valueOf(cells[i]);
      String blanks = " ".repeat(widths[i] - text.length());
      line.append(cells[i] instanceof Number ? blanks + text : text + blanks).append("  ");
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }
}
