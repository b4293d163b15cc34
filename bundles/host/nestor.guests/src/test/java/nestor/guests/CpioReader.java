// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads uncompressed newc archives, also several in a row as the kernel accepts them. */
final class CpioReader {
  private static final int HEADER = 110;
  private static final int FIELD = 8;
  private static final int MODE_FIELD = 1;
  private static final int SIZE_FIELD = 6;
  private static final int NAME_SIZE_FIELD = 11;
  private static final int NAME_LIMIT = 4096;

  private final byte[] bytes;
  private int position;

  private CpioReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Members in archive order, without trailers; a later one of the same name wins in the kernel.
   */
  static List<CpioEntry> read(byte[] bytes) throws GuestException {
    return new CpioReader(bytes).entries();
  }

  private List<CpioEntry> entries() throws GuestException {
    List<CpioEntry> entries = new ArrayList<>();
    while (skipZeros()) {
      CpioEntry entry = next();
      if (!entry.name().equals("TRAILER!!!")) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private boolean skipZeros() {
    while (position < bytes.length && bytes[position] == 0) {
      position++;
    }
    return position < bytes.length;
  }

  private CpioEntry next() throws GuestException {
    int start = position;
    String header = text(take(HEADER, start, "header"));
    if (!header.startsWith("070701")) {
      throw new GuestException("not a newc cpio archive: bad magic at byte " + start);
    }
    int mode = field(header, MODE_FIELD, start);
    int size = field(header, SIZE_FIELD, start);
    int nameSize = field(header, NAME_SIZE_FIELD, start);
    if (nameSize < 1 || nameSize > NAME_LIMIT) {
      throw new GuestException("bad cpio name length " + nameSize + " at byte " + start);
    }
    byte[] name = take(nameSize, start, "name");
    align();
    byte[] data = take(size, start, "content");
    align();
    return new CpioEntry(new String(name, 0, nameSize - 1, StandardCharsets.UTF_8), mode, data);
  }

  private byte[] take(int count, int start, String what) throws GuestException {
    if (count < 0 || count > bytes.length - position) {
      throw new GuestException("cpio archive is cut off in the " + what + " at byte " + start);
    }
    byte[] part = new byte[count];
    System.arraycopy(bytes, position, part, 0, count);
    position += count;
    return part;
  }

  private void align() {
    position = Math.min(bytes.length, (position + 3) & ~3);
  }

  private static int field(String header, int index, int start) throws GuestException {
    int at = 6 + index * FIELD;
    try {
      return Integer.parseUnsignedInt(header.substring(at, at + FIELD), 16);
    } catch (NumberFormatException e) {
      throw new GuestException("bad number in the cpio header at byte " + start, e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
