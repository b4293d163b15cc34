// SPDX-License-Identifier: Apache-2.0
package nestor.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes a resource template (ACPI 6.5, "Resource Data Types for ACPI"). */
final class Resources {
  private static final int MAX_BYTES = 1024;
  private static final int IO_PORTS = 0x47;
  private static final int DECODES_16_BITS = 1;
  private static final int IRQ = 0x22;
  private static final int MEMORY_32_FIXED = 0x86;
  private static final int DWORD_SPACE = 0x87;
  private static final int WORD_SPACE = 0x88;
  private static final int END = 0x79;

  private static final int MEMORY = 0;
  private static final int IO = 1;
  private static final int BUSES = 2;

  /** The window's limits are fixed, it is decoded positively and handed to what lies behind. */
  private static final int PRODUCED_FIXED_WINDOW = 0x0C;

  private static final int READ_WRITE = 1;
  private static final int WHOLE_RANGE = 3;

  private final byte[] bytes = new byte[MAX_BYTES];
  private final ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

  /** Ports that the device uses. */
  Resources ports(int base, int count) {
    out.put((byte) IO_PORTS).put((byte) DECODES_16_BITS);
    out.putShort((short) base).putShort((short) base).put((byte) 1).put((byte) count);
    return this;
  }

  /** An ISA interrupt line that the device uses: edge, active high, its own. */
  Resources irq(int line) {
    out.put((byte) IRQ).putShort((short) (1 << line));
    return this;
  }

  /** Memory that the device uses. */
  Resources memory(long gpa, long length) {
    out.put((byte) MEMORY_32_FIXED).putShort((short) 9).put((byte) READ_WRITE);
    out.putInt((int) gpa).putInt((int) length);
    return this;
  }

  /** Bus numbers that a bridge hands out. */
  Resources buses(int first, int last) {
    return words(BUSES, 0, first, last);
  }

  /** Ports that a bridge hands out. */
  Resources portWindow(int first, int last) {
    return words(IO, WHOLE_RANGE, first, last);
  }

  /** Memory below 4 GiB that a bridge hands out. */
  Resources memoryWindow(long first, long last) {
    out.put((byte) DWORD_SPACE).putShort((short) 23);
    out.put((byte) MEMORY).put((byte) PRODUCED_FIXED_WINDOW).put((byte) READ_WRITE);
    out.putInt(0).putInt((int) first).putInt((int) last).putInt(0).putInt((int) (last - first + 1));
    return this;
  }

  private Resources words(int type, int typeFlags, int first, int last) {
    out.put((byte) WORD_SPACE).putShort((short) 13);
    out.put((byte) type).put((byte) PRODUCED_FIXED_WINDOW).put((byte) typeFlags);
    out.putShort((short) 0).putShort((short) first).putShort((short) last);
    out.putShort((short) 0).putShort((short) (last - first + 1));
    return this;
  }

  /** {@return the template} A checksum of zero means that there is none. */
  byte[] bytes() {
    out.put((byte) END).put((byte) 0);
    return Arrays.copyOf(bytes, out.position());
  }
}
