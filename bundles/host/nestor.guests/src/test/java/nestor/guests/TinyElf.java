// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Makes ELF files that hold nothing but a dynamic section. */
final class TinyElf {
  private static final int ADDRESS = 0x40_0000;
  private static final int HEADER = 64;
  private static final int ENTRY = 56;

  private TinyElf() {}

  /** A program, if {@code soname} is null, else a library, which needs others. */
  static byte[] of(String soname, String... needed) {
    ByteArrayOutputStream strings = new ByteArrayOutputStream();
    strings.write(0);
    int interpreter = add(strings, "/lib64/ld-test.so.2");
    List<long[]> dynamic = new ArrayList<>();
    for (String name : needed) {
      dynamic.add(new long[] {1, add(strings, name)});
    }
    if (soname != null) {
      dynamic.add(new long[] {14, add(strings, soname)});
    }
    int table = HEADER + 3 * ENTRY;
    dynamic.add(new long[] {5, ADDRESS + table});
    dynamic.add(new long[] {0, 0});
    int at = table + strings.size();
    ByteBuffer elf = ByteBuffer.allocate(at + 16 * dynamic.size()).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0x464C_457F).putShort((short) 0x0102);
    elf.putLong(32, HEADER).putShort(54, (short) ENTRY).putShort(56, (short) 3);
    header(elf, 0, 1, 0, elf.capacity());
    header(elf, 1, 2, at, elf.capacity() - at);
    header(elf, 2, soname == null ? 3 : 0, table + interpreter, 20);
    elf.put(table, strings.toByteArray());
    elf.position(at);
    dynamic.forEach(entry -> elf.putLong(entry[0]).putLong(entry[1]));
    return elf.array();
  }

  private static int add(ByteArrayOutputStream strings, String text) {
    int at = strings.size();
    strings.writeBytes((text + "\0").getBytes(StandardCharsets.UTF_8));
    return at;
  }

  private static void header(ByteBuffer elf, int number, int type, long offset, long size) {
    int at = HEADER + number * ENTRY;
    elf.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, ADDRESS + offset);
    elf.putLong(at + 32, size);
  }
}
