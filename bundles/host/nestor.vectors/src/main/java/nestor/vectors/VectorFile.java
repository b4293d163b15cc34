// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import nestor.api.json.Json;

/** Reads files of vectors: JSON lines, plain or compressed with gzip. */
final class VectorFile {
  private VectorFile() {}

  /** {@return the lines of a file, not yet parsed} */
  static List<String> lines(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank()) {
          lines.add(line);
        }
      }
    }
    return lines;
  }

  static Vector parse(String line, String source) {
    return new Vector(Json.parse(line, source).asObject());
  }
}
