// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What the dynamic loader reads of an x86-64 program or shared library (System V ABI, "Dynamic
 * Section").
 *
 * @param soname the name by which others ask for it, or null
 * @param interpreter path of the dynamic loader that a program asks for, or null
 * @param needed names of the libraries that it asks for, in its order
 */
record ElfFile(String soname, String interpreter, List<String> needed) {
  private static final int MAGIC = 0x464C_457F;
  private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;
  private static final int HEADER_SIZE = 64;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;
  private static final long DT_SONAME = 14;

  private record Header(int type, long offset, long address, long size) {}

  static boolean isElf(byte[] content) {
    return content.length >= HEADER_SIZE
        && little(content).getInt(0) == MAGIC
        && little(content).getShort(4) == CLASS_64_LITTLE_ENDIAN;
  }

  /** Reads a file that {@link #isElf}. */
  static ElfFile read(byte[] content) throws GuestException {
    try {
      return parse(little(content));
    } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
      throw new GuestException("an ELF file is cut off or damaged", e);
    }
  }

  private static ByteBuffer little(byte[] content) {
    return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ElfFile parse(ByteBuffer elf) {
    List<Header> headers = headers(elf);
    String interpreter = null;
    List<long[]> entries = new ArrayList<>();
    for (Header header : headers) {
      if (header.type() == PT_INTERP) {
        interpreter = text(elf, header.offset());
      } else if (header.type() == PT_DYNAMIC) {
        entries.addAll(dynamic(elf, header));
      }
    }
    long strings = 0;
    for (long[] entry : entries) {
      strings = entry[0] == DT_STRTAB ? offset(headers, entry[1]) : strings;
    }
    String soname = null;
    List<String> needed = new ArrayList<>();
    for (long[] entry : entries) {
      if (entry[0] == DT_NEEDED) {
        needed.add(text(elf, strings + entry[1]));
      } else if (entry[0] == DT_SONAME) {
        soname = text(elf, strings + entry[1]);
      }
    }
    return new ElfFile(soname, interpreter, needed);
  }

  private static List<Header> headers(ByteBuffer elf) {
    long table = elf.getLong(32);
    int size = elf.getShort(54) & 0xFFFF;
    int count = elf.getShort(56) & 0xFFFF;
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = Math.toIntExact(table) + i * size;
      headers.add(
          new Header(
              elf.getInt(at), elf.getLong(at + 8), elf.getLong(at + 16), elf.getLong(at + 32)));
    }
    return headers;
  }

  /** Tags and values up to the end mark. */
  private static List<long[]> dynamic(ByteBuffer elf, Header header) {
    List<long[]> entries = new ArrayList<>();
    for (int at = Math.toIntExact(header.offset());
        at < header.offset() + header.size() && elf.getLong(at) != DT_NULL;
        at += 16) {
      entries.add(new long[] {elf.getLong(at), elf.getLong(at + 8)});
    }
    return entries;
  }

  /** Where in the file an address lies. */
  private static long offset(List<Header> headers, long address) {
    for (Header header : headers) {
      if (header.type() == PT_LOAD
          && address >= header.address()
          && address < header.address() + header.size()) {
        return address - header.address() + header.offset();
      }
    }
    throw new IndexOutOfBoundsException("address " + address + " is in no segment");
  }

  private static String text(ByteBuffer elf, long offset) {
    int start = Math.toIntExact(offset);
    int end = start;
    while (elf.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    elf.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
