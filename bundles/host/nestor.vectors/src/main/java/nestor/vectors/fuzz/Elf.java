// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Wraps code as a static ELF program for x86-64 Linux (System V ABI, "Object Files"). */
final class Elf {
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int READ_WRITE_EXECUTE = 7;
  private static final long BASE = 0x40_0000;

  /** Address of the first byte of the code, which is where it starts. */
  static final long START = BASE + HEADER + PROGRAM_HEADER;

  private Elf() {}

  /** {@return the file} */
  static byte[] program(byte[] code) {
    int length = HEADER + PROGRAM_HEADER + code.length;
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    out.putShort((short) 2).putShort((short) 62).putInt(1); // executable, x86-64
    out.putLong(START).putLong(HEADER).putLong(0).putInt(0);
    out.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 1);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    out.putInt(1).putInt(READ_WRITE_EXECUTE).putLong(0); // PT_LOAD, the whole file
    out.putLong(BASE).putLong(BASE).putLong(length).putLong(length).putLong(0x1000);
    return out.put(code).array();
  }
}
