// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes one ACPI table, from its header to its checksum ("System Description Table Header"). */
final class Table {
  static final int HEADER_BYTES = 36;
  private static final int MAX_BYTES = 1 << 17;
  private static final int LENGTH = 4;
  private static final int CHECKSUM = 9;
  private static final int SYSTEM_MEMORY = 0;
  private static final int SYSTEM_IO = 1;

  private final byte[] bytes = new byte[MAX_BYTES];
  private final ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

  Table(String signature, int revision) {
    ascii(signature).u32(0).u8(revision).u8(0).ascii("NESTOR").ascii("NESTORPC");
    u32(1).ascii("NSTR").u32(1);
  }

  Table u8(int value) {
    out.put((byte) value);
    return this;
  }

  Table u16(int value) {
    out.putShort((short) value);
    return this;
  }

  Table u32(long value) {
    out.putInt((int) value);
    return this;
  }

  Table u64(long value) {
    out.putLong(value);
    return this;
  }

  Table ascii(String text) {
    return raw(text.getBytes(StandardCharsets.US_ASCII));
  }

  Table raw(byte[] data) {
    out.put(data);
    return this;
  }

  Table zeros(int count) {
    return raw(new byte[count]);
  }

  /** A register in port space ("Generic Address Structure"); none for base 0. */
  Table portRegister(int base, int bytesWide) {
    if (base == 0) {
      return zeros(12);
    }
    // The last size is the access: 1 byte, 2 word, 3 double word.
    int access = bytesWide == 1 ? 1 : bytesWide == 2 ? 2 : 3;
    return u8(SYSTEM_IO).u8(8 * bytesWide).u8(0).u8(access).u64(base);
  }

  /** Registers in memory. */
  Table memoryRegister(long gpa, int bits) {
    return u8(SYSTEM_MEMORY).u8(bits).u8(0).u8(0).u64(gpa);
  }

  /** {@return the table with its length and checksum filled in} */
  byte[] bytes() {
    byte[] table = Arrays.copyOf(bytes, out.position());
    ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(LENGTH, table.length);
    table[CHECKSUM] = checksum(table, table.length);
    return table;
  }

  /** {@return what makes the sum of the first bytes zero, if it replaces a zero among them} */
  static byte checksum(byte[] data, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += data[i];
    }
    return (byte) -sum;
  }
}
