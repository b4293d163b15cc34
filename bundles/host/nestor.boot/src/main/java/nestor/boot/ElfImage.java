// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.util.ArrayList;
import java.util.List;
import nestor.api.boot.BootException;
import nestor.api.boot.LoadSegment;

/** An ELF executable of either class, for x86 (System V ABI, "Object Files"). */
final class ElfImage {
  private static final long MAGIC = 0x464C_457F; // 7Fh "ELF"
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int E_TYPE = 16;
  private static final int E_MACHINE = 18;
  private static final int E_ENTRY = 24;
  private static final int CLASS_32 = 1;
  private static final int CLASS_64 = 2;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int ET_EXEC = 2;
  private static final int ET_DYN = 3;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;

  private final ImageFile file;
  private final boolean wide;
  private final List<Header> headers = new ArrayList<>();

  /** One program header; {@code at} is where it lies in the file. */
  private record Header(long at, long type, long offset, long gpa, long fileSize, long size) {}

  ElfImage(ImageFile file) throws BootException {
    this.file = file;
    if (!isElf(file)) {
      throw file.bad(
          "e_ident", 0, file.u32(0, "e_ident"), "0x464C457F (ELF)", "take an ELF executable");
    }
    int elfClass = file.u8(EI_CLASS, "EI_CLASS");
    if (elfClass != CLASS_32 && elfClass != CLASS_64) {
      throw file.bad("EI_CLASS", EI_CLASS, elfClass, "1 or 2", "fetch the file again");
    }
    wide = elfClass == CLASS_64;
    if (file.u8(EI_DATA, "EI_DATA") != 1) {
      throw file.bad(
          "EI_DATA", EI_DATA, file.u8(EI_DATA, "EI_DATA"), "1 (little endian)", "build it for x86");
    }
    int type = file.u16(E_TYPE, "e_type");
    if (type != ET_EXEC && type != ET_DYN) {
      throw file.bad("e_type", E_TYPE, type, "2 (executable)", "link the file first");
    }
    int machine = file.u16(E_MACHINE, "e_machine");
    if (machine != EM_386 && machine != EM_X86_64) {
      throw file.bad(
          "e_machine", E_MACHINE, machine, "3 (386) or 0x3E (x86-64)", "build it for x86");
    }
    readHeaders();
  }

  static boolean isElf(ImageFile file) throws BootException {
    return file.size() >= 4 && file.u32(0, "e_ident") == MAGIC;
  }

  private void readHeaders() throws BootException {
    int sizeAt = wide ? 54 : 42;
    int entrySize = file.u16(sizeAt, "e_phentsize");
    int needed = wide ? 56 : 32;
    if (entrySize < needed) {
      throw file.bad(
          "e_phentsize", sizeAt, entrySize, "0x%X".formatted(needed), "fetch the file again");
    }
    int count = file.u16(sizeAt + 2, "e_phnum");
    long at = word(wide ? 32 : 28, "e_phoff");
    for (int i = 0; i < count; i++, at += entrySize) {
      String name = "program header " + i;
      if (!file.holds(at, needed)) {
        throw file.bad(
            "e_phoff",
            wide ? 32 : 28,
            at,
            "an offset within the file's %d bytes".formatted(file.size()),
            "the file is cut, fetch it again");
      }
      int w = wide ? 8 : 4;
      long body = at + (wide ? 8 : 4);
      headers.add(
          new Header(
              at,
              file.u32(at, name),
              word(body, name),
              word(body + 2L * w, name),
              word(body + 3L * w, name),
              word(body + 4L * w, name)));
    }
  }

  private long word(long offset, String field) throws BootException {
    return wide ? file.u64(offset, field) : file.u32(offset, field);
  }

  boolean is64() {
    return wide;
  }

  int machine() throws BootException {
    return file.u16(E_MACHINE, "e_machine");
  }

  long entry() throws BootException {
    return word(E_ENTRY, "e_entry");
  }

  /** Puts every PT_LOAD segment at its physical address. */
  void load(Placement placement) throws BootException {
    int loaded = 0;
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      if (header.type != PT_LOAD || header.size == 0) {
        continue;
      }
      String name = "PT_LOAD segment " + i;
      if (header.fileSize > header.size) {
        throw file.bad(
            "p_filesz of " + name,
            header.at + (wide ? 32 : 16),
            header.fileSize,
            "at most p_memsz, 0x%X".formatted(header.size),
            "fetch the file again");
      }
      if (!file.holds(header.offset, header.fileSize)) {
        throw file.bad(
            "p_offset of " + name,
            header.at + (wide ? 8 : 4),
            header.offset,
            "such that 0x%X bytes follow within the file's 0x%X"
                .formatted(header.fileSize, file.size()),
            "the file is cut, fetch it again");
      }
      placement.put(
          new LoadSegment(
              name, header.gpa, file.slice(header.offset, header.fileSize), header.size));
      loaded++;
    }
    if (loaded == 0) {
      throw file.bad(
          "e_phnum",
          wide ? 56 : 44,
          headers.size(),
          "the number of program headers, at least one of them PT_LOAD",
          "link the file as an executable");
    }
  }

  /** {@return where in the file the named note's descriptor lies, or -1} */
  long note(String owner, int type) throws BootException {
    for (Header header : headers) {
      if (header.type != PT_NOTE || !file.holds(header.offset, header.fileSize)) {
        continue;
      }
      long at = header.offset;
      while (at + 12 <= header.offset + header.fileSize) {
        long nameSize = file.u32(at, "note name size");
        long dataSize = file.u32(at + 4, "note size");
        long data = at + 12 + (nameSize + 3 & ~3L);
        if (file.u32(at + 8, "note type") == type && isNamed(at + 12, nameSize, owner)) {
          return data;
        }
        at = data + (dataSize + 3 & ~3L);
      }
    }
    return -1;
  }

  private boolean isNamed(long at, long size, String owner) throws BootException {
    if (size != owner.length() + 1) {
      return false;
    }
    for (int i = 0; i < owner.length(); i++) {
      if (file.u8(at + i, "note name") != owner.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
