// SPDX-License-Identifier: Apache-2.0
package nestor.shell.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nestor.api.machine.CpuView;
import nestor.api.shell.Table;

/** The registers of a vCPU on one screen: the numbers in columns, then the segments as a table. */
final class RegisterSheet {
  private static final int COLUMNS = 4;
  private static final int NARROW = 16;
  private static final String[] FLAGS = {
    "CF", "", "PF", "", "AF", "", "ZF", "SF", "TF", "IF", "DF", "OF", "", "", "NT", "", "RF", "VM",
    "AC", "VIF", "VIP", "ID"
  };

  private RegisterSheet() {}

  static String of(CpuView view, boolean vectors) {
    Map<String, Long> all = view.registers();
    StringBuilder out = new StringBuilder();
    List<String> cells = new ArrayList<>();
    all.forEach(
        (name, value) -> {
          if (!isSegment(all, name)) {
            cells.add(String.format("%-6s %016x", name, value));
          }
        });
    columns(cells, out);
    out.append("flags ").append(flags(all.getOrDefault("rflags", 0L))).append("\n\n");
    out.append(segments(all));
    if (vectors) {
      out.append('\n');
      List<String> narrow = new ArrayList<>();
      StringBuilder wide = new StringBuilder();
      view.vectors()
          .forEach(
              (name, value) -> {
                if (value.length() <= NARROW) {
                  narrow.add(String.format("%-6s %16s", name, value));
                } else {
                  wide.append(String.format("%-6s %s%n", name, value));
                }
              });
      columns(narrow, out);
      out.append(wide);
    }
    return out.toString();
  }

  private static boolean isSegment(Map<String, Long> all, String name) {
    return name.contains(".") || all.containsKey(name + ".base");
  }

  private static void columns(List<String> cells, StringBuilder out) {
    for (int i = 0; i < cells.size(); i++) {
      boolean last = i % COLUMNS == COLUMNS - 1 || i == cells.size() - 1;
      out.append(cells.get(i)).append(last ? "\n" : "  ");
    }
  }

  /** The names of the flags that are set, the highest first. */
  private static String flags(long rflags) {
    StringBuilder text = new StringBuilder("IOPL=" + (rflags >>> 12 & 3));
    for (int bit = FLAGS.length - 1; bit >= 0; bit--) {
      if ((rflags >>> bit & 1) != 0 && !FLAGS[bit].isEmpty()) {
        text.append(' ').append(FLAGS[bit]);
      }
    }
    return text.toString();
  }

  private static String segments(Map<String, Long> all) {
    Table table = new Table("Segment", "Selector", "Base", "Limit", "Attributes");
    for (String name : all.keySet()) {
      if (name.endsWith(".base")) {
        String segment = name.substring(0, name.length() - ".base".length());
        table.row(
            segment,
            hex(all.get(segment), 4),
            hex(all.get(name), 16),
            hex(all.get(segment + ".limit"), 8),
            hex(all.get(segment + ".attributes"), 4));
      }
    }
    return table.print(false);
  }

  private static String hex(Long value, int digits) {
    return value == null ? "" : String.format("%0" + digits + "x", value);
  }
}
