// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes ACPI Machine Language: as much of it as a description without code needs (ACPI 6.5, "ACPI
 * Machine Language (AML) Specification").
 *
 * <p>Terms that hold others take a body, which writes into a builder of its own, since the length
 * goes in front.
 */
final class Aml {
  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0A;
  private static final int WORD_PREFIX = 0x0B;
  private static final int DWORD_PREFIX = 0x0C;
  private static final int STRING_PREFIX = 0x0D;
  private static final int QWORD_PREFIX = 0x0E;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int DUAL_NAME_PREFIX = 0x2E;
  private static final int MULTI_NAME_PREFIX = 0x2F;
  private static final int EXTENDED_OP = 0x5B;
  private static final int DEVICE_OP = 0x82;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  /** Opens an existing scope, such as {@code \_SB.PCI0}. */
  Aml scope(String path, Consumer<Aml> body) {
    return block(path(path), body, SCOPE_OP);
  }

  /** Declares a device in the current scope. */
  Aml device(String name, Consumer<Aml> body) {
    return block(path(name), body, EXTENDED_OP, DEVICE_OP);
  }

  Aml name(String name, long value) {
    return name(name).integer(value);
  }

  Aml name(String name, String value) {
    return name(name).string(value);
  }

  /** An object whose value the next term gives. */
  Aml name(String name) {
    out.write(NAME_OP);
    out.writeBytes(path(name));
    return this;
  }

  /** A hardware id such as {@code PNP0A08}, in the packed form of EISA. */
  Aml eisaId(String name, String id) {
    return name(name, Integer.toUnsignedLong(packed(id)));
  }

  /** Three letters of five bits and four hexadecimal digits, most significant byte first. */
  private static int packed(String id) {
    if (!id.matches("[A-Z]{3}[0-9A-F]{4}")) {
      throw new IllegalArgumentException("no EISA id: " + id);
    }
    int letters = 0;
    for (int i = 0; i < 3; i++) {
      letters = letters << 5 | (id.charAt(i) - '@');
    }
    return Integer.reverseBytes(letters << 16 | Integer.parseInt(id, 3, 7, 16));
  }

  /** A package of so many elements, which the body writes. */
  Aml packageOf(int count, Consumer<Aml> body) {
    if (count > 255) {
      throw new IllegalArgumentException("a package holds at most 255 elements: " + count);
    }
    return block(new byte[] {(byte) count}, body, PACKAGE_OP);
  }

  /** A buffer of these bytes. */
  Aml buffer(byte[] bytes) {
    Aml body = new Aml().integer(bytes.length);
    body.out.writeBytes(bytes);
    out.write(BUFFER_OP);
    lengthAnd(body.bytes());
    return this;
  }

  Aml integer(long value) {
    if (value == 0 || value == 1) {
      out.write((int) value);
    } else if (value >>> 8 == 0) {
      constant(BYTE_PREFIX, value, 1);
    } else if (value >>> 16 == 0) {
      constant(WORD_PREFIX, value, 2);
    } else if (value >>> 32 == 0) {
      constant(DWORD_PREFIX, value, 4);
    } else {
      constant(QWORD_PREFIX, value, 8);
    }
    return this;
  }

  private void constant(int prefix, long value, int bytes) {
    out.write(prefix);
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> 8 * i));
    }
  }

  Aml string(String value) {
    out.write(STRING_PREFIX);
    out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    out.write(0);
    return this;
  }

  private Aml block(byte[] head, Consumer<Aml> body, int... opcode) {
    Aml inner = new Aml();
    inner.out.writeBytes(head);
    body.accept(inner);
    for (int part : opcode) {
      out.write(part);
    }
    lengthAnd(inner.bytes());
    return this;
  }

  /** PkgLength, which counts itself, and what it measures. */
  private void lengthAnd(byte[] body) {
    if (body.length + 1 < 1 << 6) {
      out.write(body.length + 1);
    } else {
      int extra = body.length + 2 < 1 << 12 ? 1 : body.length + 3 < 1 << 20 ? 2 : 3;
      int length = body.length + 1 + extra;
      out.write(extra << 6 | length & 0xF);
      for (int i = 0; i < extra; i++) {
        out.write(length >>> 4 + 8 * i);
      }
    }
    out.writeBytes(body);
  }

  private static byte[] path(String path) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean root = path.startsWith("\\");
    if (root) {
      out.write('\\');
    }
    String[] segments = path.substring(root ? 1 : 0).split("\\.", -1);
    if (segments.length == 2) {
      out.write(DUAL_NAME_PREFIX);
    } else if (segments.length > 2) {
      out.write(MULTI_NAME_PREFIX);
      out.write(segments.length);
    }
    for (String segment : segments) {
      if (!segment.matches("[A-Z_][A-Z0-9_]{0,3}")) {
        throw new IllegalArgumentException("no AML name: " + path);
      }
      out.writeBytes((segment + "___").substring(0, 4).getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }
}
