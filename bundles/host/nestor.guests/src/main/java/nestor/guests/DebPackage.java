// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A Debian binary package: an ar archive whose member {@code data.tar.*} holds the files (deb(5)).
 */
final class DebPackage {
  private static final String MAGIC = "!<arch>\n";
  private static final int MEMBER_HEADER = 60;

  private final Path path;

  DebPackage(Path path) {
    this.path = path;
  }

  /** Shows the files of the package to {@code visitor}, without unpacking anything to disk. */
  void visit(TarReader.Visitor visitor) throws GuestException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      if (!text(in.readNBytes(MAGIC.length())).equals(MAGIC)) {
        throw new GuestException("not a Debian package (no ar signature)");
      }
      Member data = seekData(in);
      try (InputStream tar = decompressor(data.name(), new Bounded(in, data.size()))) {
        new TarReader(tar).visit(visitor);
        // The last checksum is only looked at by the decompressor when it reaches the end.
        tar.transferTo(OutputStream.nullOutputStream());
      }
    } catch (EOFException e) {
      throw new GuestException(path.getFileName() + ": the package is cut off", e);
    } catch (IOException e) {
      throw new GuestException(
          path.getFileName() + ": the package cannot be unpacked: " + e.getMessage(), e);
    } catch (GuestException e) {
      throw new GuestException(path.getFileName() + ": " + e.getMessage(), e);
    }
  }

  private record Member(String name, long size) {}

  /** A prefix of a stream; it is an error if the stream is shorter. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left == 0) {
        return -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException();
      }
      left -= count;
      return count;
    }
  }

  /** Leaves the stream at the first byte of the data member. */
  private static Member seekData(InputStream in) throws IOException, GuestException {
    while (true) {
      byte[] header = in.readNBytes(MEMBER_HEADER);
      if (header.length == 0) {
        throw new GuestException("the package has no data.tar");
      }
      if (header.length < MEMBER_HEADER) {
        throw new EOFException();
      }
      String fields = text(header);
      if (!fields.endsWith("`\n")) {
        throw new GuestException("the package is damaged: bad ar member header");
      }
      String name = fields.substring(0, 16).strip().replaceAll("/$", "");
      long size = size(fields);
      if (name.startsWith("data.tar")) {
        return new Member(name, size);
      }
      in.skipNBytes(size + (size & 1));
    }
  }

  private static long size(String fields) throws GuestException {
    try {
      return Long.parseUnsignedLong(fields.substring(48, 58).strip());
    } catch (NumberFormatException e) {
      throw new GuestException("the package is damaged: bad size in an ar member header", e);
    }
  }

  private static InputStream decompressor(String name, InputStream in)
      throws IOException, GuestException {
    return switch (name) {
      case "data.tar" -> in;
      case "data.tar.gz" -> new GZIPInputStream(in, 1 << 16);
      case "data.tar.xz" -> new XZInputStream(in);
      default ->
          throw new GuestException("the package's " + name + " uses a compression we do not read");
    };
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
