// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.command.FileTrouble;

/** The bytes of a kernel or module, with reads that say which field a cut file ends in. */
final class ImageFile {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int GZIP_MAGIC = 0x8B1F;

  private final String name;
  private final MemorySegment bytes;

  private ImageFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = MemorySegment.ofArray(bytes).asReadOnly();
  }

  static ImageFile read(BootData data) throws BootException {
    return new ImageFile(
        data.name(),
        switch (data) {
          case BootData.InFile file -> readFile(file.path());
          case BootData.InMemory memory -> memory.bytes();
        });
  }

  private static byte[] readFile(Path path) throws BootException {
    try {
      if (Files.isDirectory(path)) {
        throw new BootException(path + " is a folder; give the file itself.");
      }
      if (Files.size(path) > Integer.MAX_VALUE - 8) {
        throw new BootException(path + " is larger than 2 GiB; give a smaller file.");
      }
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new BootException(path + " does not exist; check the path.", e);
    } catch (IOException e) {
      throw new BootException(path + " cannot be read (" + FileTrouble.reason(e) + ").", e);
    }
  }

  /** The same, unpacked if it is a gzip file: hypervisors are often shipped so. */
  ImageFile unpacked() throws BootException {
    if (size() < 2 || Short.toUnsignedInt(bytes.get(SHORT, 0)) != GZIP_MAGIC) {
      return this;
    }
    try (InputStream in =
        new GZIPInputStream(
            new ByteArrayInputStream(bytes.toArray(ValueLayout.JAVA_BYTE)), 1 << 16)) {
      return new ImageFile(name, in.readAllBytes());
    } catch (IOException e) {
      throw new BootException(
          name + " is a broken gzip file (" + e.getMessage() + "); fetch it again.", e);
    }
  }

  String name() {
    return name;
  }

  long size() {
    return bytes.byteSize();
  }

  boolean holds(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= size() && length <= size() - offset;
  }

  /** Bytes that {@link #holds} was asked about. */
  MemorySegment slice(long offset, long length) {
    return bytes.asSlice(offset, length);
  }

  MemorySegment all() {
    return bytes;
  }

  int u8(long offset, String field) throws BootException {
    need(offset, 1, field);
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, offset));
  }

  int u16(long offset, String field) throws BootException {
    need(offset, 2, field);
    return Short.toUnsignedInt(bytes.get(SHORT, offset));
  }

  long u32(long offset, String field) throws BootException {
    need(offset, 4, field);
    return Integer.toUnsignedLong(bytes.get(INT, offset));
  }

  long u64(long offset, String field) throws BootException {
    need(offset, 8, field);
    return bytes.get(LONG, offset);
  }

  private void need(long offset, int length, String field) throws BootException {
    if (!holds(offset, length)) {
      throw new BootException(
          "%s: header field %s at offset 0x%X is missing, since the file ends after %d bytes; %s."
              .formatted(name, field, offset, size(), "fetch the file again"));
    }
  }

  BootException bad(String field, long offset, long found, String expected, String advice) {
    return BootException.field(
        name,
        field,
        offset,
        "0x" + Long.toHexString(found).toUpperCase(Locale.ROOT),
        expected,
        advice);
  }
}
