// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A folder of this process alone, for what the framework stores.
 *
 * @param path where it is
 */
record TemporaryFolder(Path path) {

  /** Linux's memory file system: the framework writes a few small files for each bundle. */
  private static final Path MEMORY = Path.of("/dev/shm");

  static TemporaryFolder create(String prefix) throws IOException {
    if (Files.isDirectory(MEMORY) && Files.isWritable(MEMORY)) {
      try {
        return new TemporaryFolder(Files.createTempDirectory(MEMORY, prefix));
      } catch (IOException e) {
        // It is full; the usual place has to do.
      }
    }
    return new TemporaryFolder(Files.createTempDirectory(prefix));
  }

  /** Removes the folder. What cannot be removed stays: it is in the system's temporary folder. */
  void delete() {
    try {
      Files.walkFileTree(path, new Remover());
    } catch (IOException e) {
      // Another thread may be removing it too, or hold a file open.
    }
  }

  private static final class Remover extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
