// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much the disks of the host can still take; tests have a disk of their own. */
@FunctionalInterface
interface DiskSpace {
  long MEBIBYTE = 1 << 20;

  /** Bytes that may be written to the disk which holds {@code folder}. */
  long free(Path folder) throws IOException;

  static DiskSpace ofHost() {
    return folder -> Files.getFileStore(folder).getUsableSpace();
  }

  default void require(Path folder, long bytes) throws GuestException, IOException {
    long free = free(folder);
    if (free < bytes) {
      throw new GuestException(
          "the disk that holds "
              + folder
              + " is too full: "
              + (bytes + MEBIBYTE - 1) / MEBIBYTE
              + " MiB are needed, "
              + free / MEBIBYTE
              + " MiB are free. Free some space, or set NESTOR_CACHE to a folder elsewhere");
    }
  }

  default boolean isFull(Path folder) {
    try {
      return free(folder) < MEBIBYTE;
    } catch (IOException e) {
      return false; // not what is being asked
    }
  }
}
