// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The instruction table, read once from the text files beside this class. */
public final class Isa {
  private static final String[] FILES = {
    "integer",
    "system",
    "x87",
    "mmx",
    "sse-integer",
    "sse-float",
    "avx-integer",
    "avx-float",
    "opmask",
    "evex-integer",
    "evex-float",
    "virtualization"
  };

  private static final List<Row> ROWS = load();
  private static final Row[][] INDEX = index();

  private Isa() {}

  /** {@return all rows, in table order} */
  public static List<Row> rows() {
    return ROWS;
  }

  /** {@return the rows that may match, the first of which does, or null} */
  static Row[] candidates(int space, int map, int opcode) {
    return INDEX[((space * 4) + map) * 256 + opcode];
  }

  private static List<Row> load() {
    List<Row> rows = new ArrayList<>();
    RowParser parser = new RowParser();
    for (String file : FILES) {
      try (InputStream in = Isa.class.getResourceAsStream(file + ".isa")) {
        if (in == null) {
          continue;
        }
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          Row row;
          try {
            row = parser.parse(line, rows.size());
          } catch (RuntimeException e) {
            throw new IllegalStateException(file + ".isa: " + line, e);
          }
          if (row != null) {
            rows.add(row);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return List.copyOf(rows);
  }

  private static Row[][] index() {
    List<List<Row>> lists = new ArrayList<>();
    for (int i = 0; i < 3 * 4 * 256; i++) {
      lists.add(null);
    }
    for (Row row : ROWS) {
      for (int r = 0; r < (row.registerInOpcode ? 8 : 1); r++) {
        int key = (row.space.ordinal() * 4 + row.map) * 256 + row.opcode + r;
        if (lists.get(key) == null) {
          lists.set(key, new ArrayList<>());
        }
        lists.get(key).add(row);
      }
    }
    Row[][] index = new Row[lists.size()][];
    for (int i = 0; i < index.length; i++) {
      if (lists.get(i) != null) {
        // Where a prefix is part of the opcode it goes before rows for which it is only a prefix.
        lists.get(i).sort(Comparator.comparing(row -> !row.mandatoryPrefix));
        index[i] = lists.get(i).toArray(Row[]::new);
      }
    }
    return index;
  }
}
