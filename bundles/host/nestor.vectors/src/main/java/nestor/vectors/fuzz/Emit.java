// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import nestor.isa.Assembler;

/** Code of the instructions that prepare operands. */
final class Emit {
  private static final Map<String, byte[]> ASSEMBLED = new ConcurrentHashMap<>();

  private Emit() {}

  /** {@return MOV of a constant into a general register} */
  static byte[] move(int register, long value) {
    boolean small = value >>> 32 == 0;
    int rex = (small ? 0x40 : 0x48) | register >> 3;
    int bytes = small ? 4 : 8;
    int start = rex == 0x40 ? 0 : 1;
    byte[] code = new byte[start + 1 + bytes];
    if (start == 1) {
      code[0] = (byte) rex;
    }
    code[start] = (byte) (0xB8 | register & 7);
    for (int n = 0; n < bytes; n++) {
      code[start + 1 + n] = (byte) (value >> 8 * n);
    }
    return code;
  }

  /** {@return PUSH of a constant, sign-extended from 32 bits} */
  static byte[] push(int value) {
    return new byte[] {
      0x68, (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
    };
  }

  /** {@return MOV of a constant into four bytes at the address in RDI} */
  static byte[] store(int value) {
    return new byte[] {
      (byte) 0xC7, 7, (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
    };
  }

  /** {@return CMP of two 64-bit registers, which defines all arithmetic flags} */
  static byte[] compare(int first, int second) {
    return new byte[] {
      (byte) (0x48 | second >> 3 << 2 | first >> 3),
      0x39,
      (byte) (0xC0 | (second & 7) << 3 | first & 7)
    };
  }

  /** {@return a line of assembly text} */
  static byte[] line(String text) {
    return ASSEMBLED
        .computeIfAbsent(text, t -> Assembler.assemble(".code64\n" + t, t, 0).bytes())
        .clone();
  }
}
