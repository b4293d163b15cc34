// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

/**
 * One member of a newc cpio archive.
 *
 * @param name path without a leading slash
 * @param mode file type and permission bits, as in {@code st_mode}
 * @param data file content, or the target of a symbolic link; empty for folders
 */
@SuppressWarnings("ArrayRecordComponent") // entries are never compared
record CpioEntry(String name, int mode, byte[] data) {
  private static final int TYPE_MASK = 0xF000;
  private static final int FOLDER = 0x4000;
  private static final int REGULAR = 0x8000;
  private static final int PERMISSIONS = 0xFFF;

  static CpioEntry folder(String name) {
    return new CpioEntry(name, FOLDER | 0x1ED, new byte[0]);
  }

  static CpioEntry file(String name, int permissions, byte[] data) {
    return new CpioEntry(name, REGULAR | permissions, data);
  }

  boolean isFolder() {
    return (mode & TYPE_MASK) == FOLDER;
  }

  boolean isFile() {
    return (mode & TYPE_MASK) == REGULAR;
  }

  int permissions() {
    return mode & PERMISSIONS;
  }
}
