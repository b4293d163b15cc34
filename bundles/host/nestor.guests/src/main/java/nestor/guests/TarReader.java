// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Walks the members of a tar stream: ustar (POSIX.1-1988), with the long names of GNU tar and pax
 * (POSIX.1-2001), which is what Debian packages hold.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int LONG_NAME_LIMIT = 1 << 16;

  /** Takes the regular files that a caller wants. */
  interface Visitor {
    /** Whether {@link #file} wants the content of this member; the others are skipped unread. */
    boolean wants(String name);

    void file(String name, int permissions, byte[] data) throws GuestException;
  }

  private final InputStream in;
  private final byte[] block = new byte[BLOCK];

  TarReader(InputStream in) {
    this.in = in;
  }

  void visit(Visitor visitor) throws IOException, GuestException {
    String longName = null;
    while (nextHeader()) {
      long size = octal(124, 12, "size");
      if (size < 0 || size > Integer.MAX_VALUE - BLOCK) {
        throw new GuestException("tar member of " + size + " bytes is too big");
      }
      char type = (char) block[156];
      String name = longName != null ? longName : headerName();
      int permissions = (int) octal(100, 8, "mode") & 0xFFF;
      longName = null;
      switch (type) {
        case 'L' -> longName = cString(longField(size));
        case 'x' -> longName = paxPath(longField(size));
        case '0', '\0' -> {
          String clean = clean(name);
          if (visitor.wants(clean)) {
            visitor.file(clean, permissions, content((int) size));
          } else {
            skip(roundUp(size));
          }
        }
        default -> skip(roundUp(size));
      }
    }
  }

  private boolean nextHeader() throws IOException, GuestException {
    int read = in.readNBytes(block, 0, BLOCK);
    if (read == 0) {
      return false;
    }
    if (read < BLOCK) {
      throw new GuestException("tar archive is cut off in a header");
    }
    int sum = 0;
    boolean zero = true;
    for (int i = 0; i < BLOCK; i++) {
      zero &= block[i] == 0;
      sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xFF;
    }
    if (zero) {
      return false;
    }
    if (sum != octal(148, 8, "checksum")) {
      throw new GuestException("tar archive is damaged: a header's checksum is wrong");
    }
    return true;
  }

  private byte[] longField(long size) throws IOException, GuestException {
    if (size > LONG_NAME_LIMIT) {
      throw new GuestException("tar archive has a name of " + size + " bytes");
    }
    return content((int) size);
  }

  private byte[] content(int size) throws IOException, GuestException {
    byte[] data = in.readNBytes(size);
    if (data.length < size) {
      throw new GuestException("tar archive is cut off in a file");
    }
    skip(roundUp(size) - size);
    return data;
  }

  private void skip(long count) throws IOException, GuestException {
    try {
      in.skipNBytes(count);
    } catch (EOFException e) {
      throw new GuestException("tar archive is cut off in a file", e);
    }
  }

  private static long roundUp(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private String headerName() {
    String name = field(0, 100);
    String prefix = field(257, 5).equals("ustar") && block[262] == 0 ? field(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static String clean(String name) {
    String clean = name;
    while (clean.startsWith("./") || clean.startsWith("/")) {
      clean = clean.substring(clean.indexOf('/') + 1);
    }
    return clean;
  }

  /** The {@code path} record of a pax header; null if it has none. */
  private static String paxPath(byte[] records) {
    String text = new String(records, StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      int space = line.indexOf(' ');
      if (space > 0 && line.startsWith("path=", space + 1)) {
        return line.substring(space + 6);
      }
    }
    return null;
  }

  private static String cString(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private String field(int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.UTF_8);
  }

  private long octal(int offset, int length, String what) throws GuestException {
    String digits = field(offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new GuestException("tar archive is damaged: bad " + what + " in a header", e);
    }
  }
}
