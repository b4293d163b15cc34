// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes Debian packages of a few bytes. */
final class TinyDeb {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  /** A package of these files, compressed as Debian does. */
  static byte[] of(Map<String, byte[]> files) {
    TinyDeb deb = new TinyDeb();
    new TreeMap<>(files).forEach((name, data) -> deb.file("./" + name, data));
    return deb.xz();
  }

  TinyDeb file(String name, byte[] data) {
    return member('0', name, data);
  }

  TinyDeb folder(String name) {
    return member('5', name, new byte[0]);
  }

  TinyDeb member(char type, String name, byte[] data) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000755");
    put(header, 124, String.format("%011o", data.length));
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, String.format("%06o", sum) + "\0 ");
    tar.writeBytes(header);
    tar.writeBytes(data);
    tar.writeBytes(new byte[(BLOCK - data.length % BLOCK) % BLOCK]);
    return this;
  }

  byte[] plain() {
    return ar("data.tar", tarBytes());
  }

  byte[] gz() {
    return ar("data.tar.gz", packed(GZIPOutputStream::new));
  }

  byte[] xz() {
    return ar("data.tar.xz", packed(out -> new XZOutputStream(out, new LZMA2Options(0))));
  }

  byte[] tarBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(tar.toByteArray());
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  /** An ar archive of debian-binary, an empty control.tar and one more member. */
  static byte[] ar(String name, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii("!<arch>\n"));
    arMember(out, "debian-binary", ascii("2.0\n"));
    arMember(out, "control.tar", new byte[3]);
    arMember(out, name, data);
    return out.toByteArray();
  }

  private static void arMember(ByteArrayOutputStream out, String name, byte[] data) {
    out.writeBytes(
        ascii(
            String.format("%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", data.length)));
    out.writeBytes(data);
    if (data.length % 2 != 0) {
      out.write('\n');
    }
  }

  private interface Packer {
    OutputStream pack(OutputStream out) throws IOException;
  }

  private byte[] packed(Packer packer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packing = packer.pack(out)) {
      packing.write(tarBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = ascii(text);
    System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, 100));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
