// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.LoadSegment;
import nestor.api.boot.MemoryRange;

/**
 * Linux bzImage. Field names and offsets are those of "The Linux/x86 Boot Protocol" and, for the
 * block handed over, of "Zero Page" in the kernel's documentation.
 */
final class LinuxImage {
  private static final int SETUP_SECTS = 0x1F1;
  private static final int SYSSIZE = 0x1F4;
  private static final int BOOT_FLAG = 0x1FE;
  private static final int JUMP = 0x200;
  private static final int HEADER = 0x202;
  private static final int VERSION = 0x206;
  private static final int TYPE_OF_LOADER = 0x210;
  private static final int LOADFLAGS = 0x211;
  private static final int CODE32_START = 0x214;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21C;
  private static final int CMD_LINE_PTR = 0x228;
  private static final int INITRD_ADDR_MAX = 0x22C;
  private static final int KERNEL_ALIGNMENT = 0x230;
  private static final int RELOCATABLE_KERNEL = 0x234;
  private static final int XLOADFLAGS = 0x236;
  private static final int CMDLINE_SIZE = 0x238;
  private static final int PREF_ADDRESS = 0x258;
  private static final int INIT_SIZE = 0x260;

  private static final int ACPI_RSDP_ADDR = 0x070;
  private static final int E820_ENTRIES = 0x1E8;
  private static final int E820_TABLE = 0x2D0;
  private static final int E820_MAX = 128;

  private static final int MAGIC = 0x5372_6448; // "HdrS"
  private static final int BOOT_SIGNATURE = 0xAA55;
  private static final int SECTOR = 512;
  private static final int LOADED_HIGH = 1;
  private static final int KERNEL_64 = 1;
  private static final int ENTRY64 = 0x200;
  private static final int UNKNOWN_LOADER = 0xFF;
  private static final long HIGH_LOAD = 0x10_0000;

  /** Start tables, boot parameters and command line lie from here up, below what kernels use. */
  private static final long LOW_AREA = 0x1_0000;

  private final ImageFile file;
  private final int version;
  private final long payloadOffset;
  private final boolean kernel64;

  private LinuxImage(ImageFile file) throws BootException {
    this.file = file;
    if (file.u16(BOOT_FLAG, "boot_flag") != BOOT_SIGNATURE) {
      throw file.bad(
          "boot_flag",
          BOOT_FLAG,
          file.u16(BOOT_FLAG, "boot_flag"),
          "0xAA55",
          "this is no Linux bzImage, or it is damaged");
    }
    if (file.u32(HEADER, "header") != MAGIC) {
      throw file.bad(
          "header",
          HEADER,
          file.u32(HEADER, "header"),
          "0x53726448 (\"HdrS\")",
          "take a bzImage, not vmlinux or a boot sector");
    }
    version = file.u16(VERSION, "version");
    if (version < 0x206) {
      throw file.bad(
          "version", VERSION, version, "0x206 or more", "take a kernel of 2.6.22 or newer");
    }
    if ((file.u8(LOADFLAGS, "loadflags") & LOADED_HIGH) == 0) {
      throw file.bad(
          "loadflags",
          LOADFLAGS,
          file.u8(LOADFLAGS, "loadflags"),
          "odd (LOADED_HIGH)",
          "take a bzImage instead of a zImage");
    }
    int sectors = file.u8(SETUP_SECTS, "setup_sects");
    payloadOffset = (1L + (sectors == 0 ? 4 : sectors)) * SECTOR;
    if (payloadOffset >= file.size()) {
      throw file.bad(
          "setup_sects",
          SETUP_SECTS,
          sectors,
          "below the file's " + file.size() / SECTOR + " sectors",
          "the file is cut, fetch it again");
    }
    long payload = file.u32(SYSSIZE, "syssize") * 16;
    // The file may end up to 15 bytes early, since the field counts paragraphs.
    if (payload > file.size() - payloadOffset + 15) {
      throw file.bad(
          "syssize",
          SYSSIZE,
          payload / 16,
          "at most 0x%X".formatted((file.size() - payloadOffset + 15) / 16),
          "the file is cut, fetch it again");
    }
    kernel64 = version >= 0x20C && (file.u16(XLOADFLAGS, "xloadflags") & KERNEL_64) != 0;
  }

  /** Whether both marks of a Linux boot sector are there, or one of them and a usable version. */
  static boolean claims(ImageFile file) throws BootException {
    return file.size() > HEADER + 4 && file.u32(HEADER, "header") == MAGIC;
  }

  static BootPlan plan(ImageFile file, BootRequest request) throws BootException {
    return new LinuxImage(file).plan(request);
  }

  private BootPlan plan(BootRequest request) throws BootException {
    Placement placement = new Placement(file.name(), request.memory());
    StartTables.Entry entry =
        kernel64
            ? StartTables.long64(placement, LOW_AREA)
            : StartTables.protected32(placement, LOW_AREA);
    byte[] block = parameters();
    ByteBuffer parameters = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    long parametersGpa =
        StartTables.low(placement, block.length, LOW_AREA, 0x1000, "boot parameters");
    placement.keepFree("boot parameters", parametersGpa, block.length);

    parameters.putInt(CMD_LINE_PTR, (int) putCommandLine(placement, request.commandLine()));
    long kernelGpa = putKernel(placement);
    parameters.putInt(CODE32_START, (int) kernelGpa);
    putInitrd(placement, request, parameters);
    putMemoryMap(parameters, request.memory().ranges());
    parameters.putLong(ACPI_RSDP_ADDR, request.rsdpGpa());
    placement.put("boot parameters", parametersGpa, block);

    long rip = kernel64 ? kernelGpa + ENTRY64 : kernelGpa;
    return new BootPlan(BootKind.LINUX, placement.segments(), entry.at(rip, 0, 0, parametersGpa));
  }

  /**
   * The boot parameters with the kernel's own header in them. The screen is left all zero: no
   * lines, no columns, no mode, so that kernels do not write to a display that is not there.
   */
  private byte[] parameters() throws BootException {
    byte[] out = new byte[0x1000];
    int end = HEADER + file.u8(JUMP + 1, "jump");
    if (end <= VERSION || end > E820_TABLE || !file.holds(SETUP_SECTS, end - SETUP_SECTS)) {
      throw file.bad(
          "jump", JUMP + 1, end - HEADER, "the length of the header", "fetch the file again");
    }
    MemorySegment header = file.slice(SETUP_SECTS, end - SETUP_SECTS);
    MemorySegment.ofArray(out).asSlice(SETUP_SECTS).copyFrom(header);
    out[TYPE_OF_LOADER] = (byte) UNKNOWN_LOADER;
    return out;
  }

  private long putCommandLine(Placement placement, String text) throws BootException {
    byte[] bytes = (text + '\0').getBytes(StandardCharsets.UTF_8);
    long limit = file.u32(CMDLINE_SIZE, "cmdline_size");
    if (bytes.length - 1 > limit) {
      throw new BootException(
          "%s: the command line has %d bytes but header field cmdline_size at offset 0x%X allows %d; shorten it."
              .formatted(file.name(), bytes.length - 1, CMDLINE_SIZE, limit));
    }
    long gpa = StartTables.low(placement, bytes.length, LOW_AREA, 16, "command line");
    placement.put("command line", gpa, bytes);
    return gpa;
  }

  /**
   * Puts the kernel where it will run, if it is relocatable, or at 1 MiB, from where it moves to
   * its preferred address by itself. {@code init_size} counts from where it runs.
   */
  private long putKernel(Placement placement) throws BootException {
    long bytes = file.size() - payloadOffset;
    long gpa = HIGH_LOAD;
    if (version >= 0x20A) {
      long runSize = Math.max(bytes, file.u32(INIT_SIZE, "init_size"));
      long runGpa = runAddress(placement, runSize);
      placement.keepFree("kernel's working memory (header field init_size)", runGpa, runSize);
      gpa = file.u8(RELOCATABLE_KERNEL, "relocatable_kernel") == 0 ? HIGH_LOAD : runGpa;
    }
    MemorySegment payload = file.slice(payloadOffset, bytes);
    placement.put(new LoadSegment("kernel", gpa, payload, bytes));
    return gpa;
  }

  /** A kernel that is loaded below its preferred address still runs at that address or above. */
  private long runAddress(Placement placement, long runSize) throws BootException {
    long preferred = file.u64(PREF_ADDRESS, "pref_address");
    if (placement.memory().isRam(preferred, runSize)) {
      return preferred;
    }
    OptionalLong above = OptionalLong.empty();
    if (file.u8(RELOCATABLE_KERNEL, "relocatable_kernel") != 0) {
      long alignment = file.u32(KERNEL_ALIGNMENT, "kernel_alignment");
      if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        throw file.bad(
            "kernel_alignment",
            KERNEL_ALIGNMENT,
            alignment,
            "a power of two",
            "fetch the file again");
      }
      above = placement.lowest(runSize, Math.max(preferred, HIGH_LOAD), alignment);
    }
    return above.orElseThrow(
        () ->
            file.bad(
                "init_size",
                INIT_SIZE,
                runSize,
                "what fits into memory from pref_address 0x%X on (%s)"
                    .formatted(preferred, placement.ramText()),
                "give the machine more memory"));
  }

  private void putInitrd(Placement placement, BootRequest request, ByteBuffer parameters)
      throws BootException {
    if (request.modules().isEmpty()) {
      return;
    }
    byte[] initrd = Modules.joined(request.modules());
    // The field is the highest address that the initrd's last byte may have.
    long limit =
        Math.min(file.u32(INITRD_ADDR_MAX, "initrd_addr_max") + 1, Placement.FOUR_GIBIBYTES);
    OptionalLong gpa = placement.highest(initrd.length, limit);
    if (gpa.isEmpty() || gpa.getAsLong() < HIGH_LOAD) {
      throw new BootException(
          "%s: the initrd %s has %d bytes and does not fit above the kernel below 0x%X (header field initrd_addr_max at offset 0x%X, %s); %s."
              .formatted(
                  file.name(),
                  request.modules().getFirst().data().name(),
                  initrd.length,
                  limit,
                  INITRD_ADDR_MAX,
                  placement.ramText(),
                  "give the machine more memory or take a smaller initrd"));
    }
    placement.put("initrd", gpa.getAsLong(), initrd);
    parameters.putInt(RAMDISK_IMAGE, (int) gpa.getAsLong());
    parameters.putInt(RAMDISK_SIZE, initrd.length);
  }

  private void putMemoryMap(ByteBuffer parameters, List<MemoryRange> ranges) throws BootException {
    if (ranges.size() > E820_MAX) {
      throw new BootException(
          "%s: the memory map has %d ranges but boot parameter e820_table holds %d; use fewer."
              .formatted(file.name(), ranges.size(), E820_MAX));
    }
    parameters.put(E820_ENTRIES, (byte) ranges.size());
    parameters.position(E820_TABLE);
    for (MemoryRange range : ranges) {
      parameters.putLong(range.base()).putLong(range.length()).putInt(range.kind().type());
    }
  }
}
