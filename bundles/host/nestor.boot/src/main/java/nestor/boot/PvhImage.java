// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.MemoryRange;

/** An ELF with a PVH entry ("x86/HVM direct boot ABI" in Xen's documentation). */
final class PvhImage {
  private static final String OWNER = "Xen";
  private static final int PHYS32_ENTRY = 18;
  private static final int START_MAGIC = 0x336E_C578;
  private static final int START_BYTES = 56;
  private static final int MODULE_BYTES = 32;
  private static final int RANGE_BYTES = 24;
  private static final long LOW_AREA = 0x1_0000;
  private static final long ONE_MEBIBYTE = 0x10_0000;

  private PvhImage() {}

  static boolean claims(ImageFile file) throws BootException {
    return ElfImage.isElf(file) && new ElfImage(file).note(OWNER, PHYS32_ENTRY) >= 0;
  }

  static BootPlan plan(ImageFile file, BootRequest request) throws BootException {
    ElfImage elf = new ElfImage(file);
    long note = elf.note(OWNER, PHYS32_ENTRY);
    if (note < 0) {
      throw new BootException(
          file.name()
              + ": the ELF note XEN_ELFNOTE_PHYS32_ENTRY is missing; build the kernel with CONFIG_PVH or take a bzImage.");
    }
    Placement placement = new Placement(file.name(), request.memory());
    elf.load(placement);
    long entry = file.u32(note, "XEN_ELFNOTE_PHYS32_ENTRY");
    if (placement.segments().stream().noneMatch(s -> s.gpa() <= entry && entry < s.endGpa())) {
      throw file.bad(
          "XEN_ELFNOTE_PHYS32_ENTRY", note, entry, "an address in the image", "link it again");
    }
    long imageEnd = Math.max(placement.end(), ONE_MEBIBYTE);
    List<Modules.Placed> modules = Modules.put(placement, request, imageEnd);
    long info = putInfo(placement, request, modules);
    StartTables.Entry start = StartTables.protected32(placement, LOW_AREA);
    return new BootPlan(BootKind.PVH, placement.segments(), start.at(entry, 0, info, 0));
  }

  private static long putInfo(
      Placement placement, BootRequest request, List<Modules.Placed> modules) throws BootException {
    List<MemoryRange> map = request.memory().ranges();
    int modulesAt = START_BYTES;
    int mapAt = modulesAt + MODULE_BYTES * modules.size();
    int textAt = mapAt + RANGE_BYTES * map.size();
    int bytes = textAt + text(request.commandLine()).length;
    for (Modules.Placed module : modules) {
      bytes += text(module.commandLine()).length;
    }
    long gpa = StartTables.low(placement, bytes, LOW_AREA, 16, "HVM start information");
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(START_MAGIC).putInt(1).putInt(0).putInt(modules.size());
    out.putLong(gpa + modulesAt).putLong(gpa + textAt).putLong(request.rsdpGpa());
    out.putLong(gpa + mapAt).putInt(map.size());

    out.position(mapAt);
    for (MemoryRange range : map) {
      out.putLong(range.base()).putLong(range.length()).putInt(range.kind().type()).putInt(0);
    }
    out.put(text(request.commandLine()));
    for (int i = 0; i < modules.size(); i++) {
      Modules.Placed module = modules.get(i);
      int at = modulesAt + MODULE_BYTES * i;
      out.putLong(at, module.gpa()).putLong(at + 8, module.length());
      out.putLong(at + 16, gpa + out.position());
      out.put(text(module.commandLine()));
    }
    placement.put("HVM start information", gpa, out.array());
    return gpa;
  }

  private static byte[] text(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }
}
