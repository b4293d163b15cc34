// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.LoadSegment;
import nestor.api.boot.MemoryRange;

/** A Multiboot 1 image ("Multiboot Specification version 0.6.96"). */
final class MultibootImage {
  private static final long HEADER_MAGIC = 0x1BAD_B002L;
  private static final int LOADER_MAGIC = 0x2BAD_B002;
  private static final int SEARCH_BYTES = 8192;
  private static final long UNKNOWN_REQUIREMENTS = 0xFFF8;
  private static final long HAS_ADDRESSES = 1 << 16;

  private static final int INFO_BYTES = 120;
  // Parts of the information block that are filled in: memory sizes, command line, modules, memory
  // map, loader name.
  private static final int INFO_FLAGS = 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9;

  /** Above the low pages that kernels take for starting other processors. */
  private static final long LOW_AREA = 0x1_0000;

  private static final long ONE_MEBIBYTE = 0x10_0000;

  private final ImageFile file;
  private final long header;
  private final long flags;

  private MultibootImage(ImageFile file) throws BootException {
    this.file = file;
    header = find(file);
    if (header < 0) {
      throw new BootException(
          "%s: header field magic (0x1BADB002) is nowhere in the first %d bytes; take a Multiboot 1 image."
              .formatted(file.name(), SEARCH_BYTES));
    }
    flags = file.u32(header + 4, "flags");
    long checksum = file.u32(header + 8, "checksum");
    if ((int) (HEADER_MAGIC + flags + checksum) != 0) {
      throw file.bad(
          "checksum",
          header + 8,
          checksum,
          "0x%08X".formatted((int) -(HEADER_MAGIC + flags)),
          "fetch the file again");
    }
    if ((flags & UNKNOWN_REQUIREMENTS) != 0) {
      throw file.bad(
          "flags", header + 4, flags, "without bits 3 to 15", "this loader does not know them");
    }
  }

  /** {@return where the header lies, or -1; one with a wrong checksum counts if none is right} */
  private static long find(ImageFile file) throws BootException {
    long broken = -1;
    long end = Math.min(file.size(), SEARCH_BYTES);
    for (long at = 0; at + 12 <= end; at += 4) {
      if (file.u32(at, "magic") == HEADER_MAGIC) {
        long sum = HEADER_MAGIC + file.u32(at + 4, "flags") + file.u32(at + 8, "checksum");
        if ((int) sum == 0) {
          return at;
        }
        broken = broken < 0 ? at : broken;
      }
    }
    return broken;
  }

  static boolean claims(ImageFile file) throws BootException {
    return find(file) >= 0;
  }

  static BootPlan plan(ImageFile file, BootRequest request) throws BootException {
    return new MultibootImage(file).plan(request);
  }

  private BootPlan plan(BootRequest request) throws BootException {
    Placement placement = new Placement(file.name(), request.memory());
    long entry = (flags & HAS_ADDRESSES) != 0 ? loadByHeader(placement) : loadElf(placement);
    long imageEnd = Math.max(placement.end(), ONE_MEBIBYTE);
    List<Modules.Placed> modules = Modules.put(placement, request, imageEnd);
    long info = putInfo(placement, request, modules);
    StartTables.Entry start = StartTables.protected32(placement, LOW_AREA);
    long first = BiosLegacy.put(placement, LOW_AREA, entry, LOADER_MAGIC);
    return new BootPlan(
        BootKind.MULTIBOOT, placement.segments(), start.at(first, LOADER_MAGIC, info, 0));
  }

  private long loadElf(Placement placement) throws BootException {
    ElfImage elf = new ElfImage(file);
    if (elf.is64()) {
      throw file.bad(
          "EI_CLASS", 4, 2, "1 (ELF32)", "convert it with objcopy -O elf32-i386 or use PVH");
    }
    elf.load(placement);
    return elf.entry();
  }

  /** The address fields of a header with flag 16 ("The address fields of Multiboot header"). */
  private long loadByHeader(Placement placement) throws BootException {
    long headerGpa = file.u32(header + 12, "header_addr");
    long loadGpa = file.u32(header + 16, "load_addr");
    long loadEnd = file.u32(header + 20, "load_end_addr");
    long bssEnd = file.u32(header + 24, "bss_end_addr");
    long offset = header - (headerGpa - loadGpa);
    long length = loadEnd == 0 ? file.size() - offset : loadEnd - loadGpa;
    if (loadGpa > headerGpa || !file.holds(offset, length)) {
      throw file.bad(
          "load_addr",
          header + 16,
          loadGpa,
          "an address whose bytes, 0x%X at file offset 0x%X, are in the file"
              .formatted(length, offset),
          "the file is cut, fetch it again");
    }
    placement.put(
        new LoadSegment(
            "image",
            loadGpa,
            file.slice(offset, length),
            Math.max(length, bssEnd == 0 ? 0 : bssEnd - loadGpa)));
    return file.u32(header + 28, "entry_addr");
  }

  /** Puts the information block and all that it points to into one piece of low memory. */
  private long putInfo(Placement placement, BootRequest request, List<Modules.Placed> modules)
      throws BootException {
    List<MemoryRange> map = request.memory().ranges();
    byte[] program = text(programAndArguments(request));
    byte[] loader = text("Nestor");
    int bytes = INFO_BYTES + 24 * map.size() + 16 * modules.size() + program.length + loader.length;
    for (Modules.Placed module : modules) {
      bytes += text(module.commandLine()).length;
    }
    long gpa = StartTables.low(placement, bytes, LOW_AREA, 16, "Multiboot information");
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int mapAt = INFO_BYTES;
    int modulesAt = mapAt + 24 * map.size();
    int textAt = modulesAt + 16 * modules.size();

    out.putInt(0, INFO_FLAGS);
    out.putInt(4, (int) (ramEndFrom(request, 0) >> 10));
    out.putInt(8, (int) ((ramEndFrom(request, ONE_MEBIBYTE) - ONE_MEBIBYTE) >> 10));
    out.putInt(16, (int) gpa + textAt);
    out.putInt(20, modules.size()).putInt(24, (int) gpa + modulesAt);
    out.putInt(44, 24 * map.size()).putInt(48, (int) gpa + mapAt);
    out.putInt(64, (int) gpa + textAt + program.length);

    out.position(mapAt);
    for (MemoryRange range : map) {
      // The size field does not count itself.
      out.putInt(20).putLong(range.base()).putLong(range.length()).putInt(range.kind().type());
    }
    out.position(textAt);
    out.put(program).put(loader);
    for (int i = 0; i < modules.size(); i++) {
      Modules.Placed module = modules.get(i);
      int at = modulesAt + 16 * i;
      out.putInt(at, (int) module.gpa()).putInt(at + 4, (int) module.endGpa());
      out.putInt(at + 8, (int) gpa + out.position());
      out.put(text(module.commandLine()));
    }
    placement.put("Multiboot information", gpa, out.array());
    return gpa;
  }

  private static long ramEndFrom(BootRequest request, long base) {
    for (MemoryRange range : request.memory().ranges()) {
      if (range.base() == base && range.kind() == MemoryRange.Kind.RAM) {
        return range.end();
      }
    }
    return base;
  }

  /** The first word is the program's name, which kernels skip; blanks would split it. */
  private static String programAndArguments(BootRequest request) {
    Path name = Path.of(request.kernel().name()).getFileName();
    String program = (name == null ? "kernel" : name.toString()).replace(' ', '_');
    return request.commandLine().isEmpty() ? program : program + ' ' + request.commandLine();
  }

  private static byte[] text(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }
}
