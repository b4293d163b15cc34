// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Path;
import nestor.api.command.FileTrouble;

/** Turns failures of the host's file system into messages that name the remedy. */
final class Failures {
  private Failures() {}

  static boolean isDiskFull(String message) {
    return message.contains("No space left on device")
        || message.contains("Disk quota exceeded")
        || message.contains("enough free space");
  }

  static GuestException writing(Path folder, IOException e) {
    String message = String.valueOf(e.getMessage());
    if (isDiskFull(message)) {
      return new GuestException(
          "the disk that holds "
              + folder
              + " is full: free some space, or set NESTOR_CACHE to a folder elsewhere",
          e);
    }
    if (e instanceof java.nio.file.AccessDeniedException
        || message.contains("Read-only file system")) {
      return new GuestException(
          "the cache folder " + folder + " cannot be written: set NESTOR_CACHE to one that can", e);
    }
    return new GuestException(
        "cannot write to the cache folder " + folder + ": " + FileTrouble.reason(e), e);
  }
}
