// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Notes which rows of the table are executed, for the coverage report.
 *
 * <p>Off, and free of cost, unless the system property {@code nestor.rows} names a folder: then the
 * JVM leaves a file there when it ends. Engines and the CPU core call it where they execute a
 * decoded instruction. Any thread may.
 */
public final class RowHits {
  private static final String FOLDER = System.getProperty("nestor.rows");

  /** Whether anybody wants to know. */
  public static final boolean ON = FOLDER != null && !FOLDER.isEmpty();

  private static final boolean[] HIT = new boolean[Isa.rows().size()];

  static {
    if (ON) {
      Runtime.getRuntime().addShutdownHook(new Thread(RowHits::writeAtEnd));
    }
  }

  private RowHits() {}

  /** Notes a row; call it behind {@link #ON}. */
  public static void hit(Row row) {
    HIT[row.index] = true;
  }

  private static void writeAtEnd() {
    try {
      write(Path.of(FOLDER, ProcessHandle.current().pid() + ".rows"), HIT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the keys of the rows whose index is marked, one a line. */
  public static void write(Path file, boolean[] marked) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int n = 0; n < marked.length; n++) {
      if (marked[n]) {
        lines.add(Isa.rows().get(n).key());
      }
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, lines);
  }
}
