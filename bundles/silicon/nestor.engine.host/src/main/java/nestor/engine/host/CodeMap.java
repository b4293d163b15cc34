// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Writes every block that is translated into a file, for {@code ./nestor crash}: a fault in
 * generated code takes the JVM with it, and what the JVM leaves behind knows only host addresses.
 *
 * <p>Off unless the environment variable {@link #VARIABLE} names a file; {@code %p} in it is the
 * number of the process. What was written survives the process, as the host's system has it.
 */
final class CodeMap {
  static final String VARIABLE = "NESTOR_CODE_MAP";

  /** First line of a map. */
  static final String TITLE = "nestor-code-map 1";

  private static final CodeMap OF_PROCESS = open(System.getenv(VARIABLE));

  private final FileChannel file;

  CodeMap(Path path) throws IOException {
    file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    write(TITLE);
  }

  private static CodeMap open(String name) {
    if (name == null || name.isEmpty()) {
      return null;
    }
    try {
      return new CodeMap(Path.of(name.replace("%p", Long.toString(ProcessHandle.current().pid()))));
    } catch (IOException e) {
      throw new UncheckedIOException(VARIABLE + "=" + name + ": cannot be written", e);
    }
  }

  /** {@return the map of this process, or null if none was asked for} */
  static CodeMap ofProcess() {
    return OF_PROCESS;
  }

  /** Adds a block. It replaces older ones at its addresses. Any thread may call it. */
  synchronized void add(HostBlock block, int[] starts) {
    try {
      write(new MappedBlock(block, Arrays.copyOf(starts, block.count)).line());
    } catch (IOException e) {
      throw new UncheckedIOException("the code map cannot be written", e);
    }
  }

  private void write(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }
}
