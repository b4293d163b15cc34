// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import nestor.api.boot.BootException;

/**
 * What a PC BIOS leaves behind and a Multiboot kernel may count on in real mode: vectors at address
 * 0, the 8259s at 08h and 70h with IRQ 0 and the cascade open, the 8254 ticking at 18.2 Hz, and the
 * local APIC in virtual wire mode, which lets the 8259s through (MultiProcessor Specification 1.4,
 * "Virtual Wire Mode").
 *
 * <p>A few instructions in front of the kernel program the chips, so that nothing but code touches
 * them. They run at the kernel's entry state and leave it as they found it.
 */
final class BiosLegacy {
  private static final int VECTORS = 256;
  private static final int FIRST_MASTER = 0x08;
  private static final int FIRST_SLAVE = 0x70;

  // Real-mode handlers: end of interrupt to one or both 8259s, or nothing.
  private static final byte[] MASTER = bytes(0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF);
  private static final byte[] SLAVE = bytes(0x50, 0xB0, 0x20, 0xE6, 0xA0, 0xE6, 0x20, 0x58, 0xCF);
  private static final byte[] NOTHING = bytes(0xCF);

  /** Ports and values in order: ICW1-4 of both 8259s, their masks, and counter 0 in mode 3. */
  private static final int[][] WRITES = {
    {0x20, 0x11},
    {0x21, FIRST_MASTER},
    {0x21, 0x04},
    {0x21, 0x01},
    {0xA0, 0x11},
    {0xA1, FIRST_SLAVE},
    {0xA1, 0x02},
    {0xA1, 0x01},
    {0x21, 0xFA},
    {0xA1, 0xFF},
    {0x43, 0x36},
    {0x40, 0x00},
    {0x40, 0x00},
  };

  /** Registers of the local APIC and values: enabled, LINT0 for the 8259s, LINT1 for NMIs. */
  private static final int[][] APIC_WRITES = {
    {0xFEE0_00F0, 0x1FF}, {0xFEE0_0350, 0x700}, {0xFEE0_0360, 0x400},
  };

  private static final int VECTOR_BYTES = 4 * VECTORS;

  private BiosLegacy() {}

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int n = 0; n < values.length; n++) {
      bytes[n] = (byte) values[n];
    }
    return bytes;
  }

  /**
   * Puts vectors, handlers and start-up code into memory.
   *
   * @return where to enter instead of {@code entry}, to which the code there goes on; {@code entry}
   *     itself if the image takes the vectors' place
   */
  static long put(Placement placement, long floor, long entry, long rax) throws BootException {
    if (!placement.isFree(0, VECTOR_BYTES)) {
      return entry;
    }
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.writeBytes(MASTER);
    code.writeBytes(SLAVE);
    code.writeBytes(NOTHING);
    int start = code.size();
    for (int[] write : WRITES) {
      code.writeBytes(bytes(0xB0, write[1], 0xE6, write[0])); // MOV AL; OUT
    }
    for (int[] write : APIC_WRITES) {
      ByteBuffer store = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
      store.put((byte) 0xC7).put((byte) 0x05).putInt(write[0]).putInt(write[1]); // MOV [], imm
      code.writeBytes(store.array());
    }
    int bytes = code.size() + 10;
    long gpa = StartTables.low(placement, bytes, floor, 16, "start-up code");
    ByteBuffer end = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    end.put((byte) 0xB8).putInt((int) rax); // MOV EAX
    end.put((byte) 0xE9).putInt((int) (entry - (gpa + bytes))); // JMP
    code.writeBytes(end.array());
    placement.put("start-up code", gpa, code.toByteArray());
    placement.put("interrupt vectors", 0, vectors(gpa));
    return gpa + start;
  }

  private static byte[] vectors(long gpa) {
    ByteBuffer table = ByteBuffer.allocate(VECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int segment = (int) (gpa >>> 4);
    for (int vector = 0; vector < VECTORS; vector++) {
      int offset = MASTER.length + SLAVE.length;
      if (vector >>> 3 == FIRST_MASTER >>> 3) {
        offset = 0;
      } else if (vector >>> 3 == FIRST_SLAVE >>> 3) {
        offset = MASTER.length;
      }
      table.putInt(segment << 16 | offset);
    }
    return table.array();
  }
}
