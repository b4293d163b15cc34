// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import nestor.api.boot.BootData;
import nestor.api.boot.BootPlan;
import nestor.api.boot.LoadSegment;

/** Small kernel files made by hand, each sound until a test breaks a field of it. */
final class Images {
  static final int LINUX_BYTES = 5 * 512 + 4096;
  static final int MULTIBOOT_HEADER = 0x200;

  private Images() {}

  @SafeVarargs
  static BootData changed(byte[] image, Consumer<ByteBuffer>... changes) {
    byte[] copy = image.clone();
    for (Consumer<ByteBuffer> change : changes) {
      change.accept(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
    }
    return BootData.of("kernel.bin", copy);
  }

  static BootData cut(byte[] image, int length) {
    return BootData.of("kernel.bin", Arrays.copyOf(image, length));
  }

  /** Protocol 2.15, relocatable, 64-bit entry, four set-up sectors and one page of payload. */
  static byte[] linux() {
    byte[] bytes = new byte[LINUX_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.put(0x1F1, (byte) 4).putInt(0x1F4, 4096 / 16).putShort(0x1FE, (short) 0xAA55);
    out.put(0x200, (byte) 0xEB).put(0x201, (byte) 0x6A);
    out.putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20F).put(0x211, (byte) 1);
    out.putInt(0x214, 0x10_0000).putInt(0x22C, 0x7FFF_FFFF).putInt(0x230, 0x20_0000);
    out.put(0x234, (byte) 1).putShort(0x236, (short) 1).putInt(0x238, 2047);
    out.putLong(0x258, 0x100_0000).putInt(0x260, 0x20_0000);
    Arrays.fill(bytes, 5 * 512, LINUX_BYTES, (byte) 0x90);
    return bytes;
  }

  /** ELF32 with a Multiboot header, one segment at 4 MiB with zeros after its file bytes. */
  static byte[] multiboot() {
    byte[] bytes = new byte[0x1000];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    elf32(out, 0x40_0010);
    out.putInt(MULTIBOOT_HEADER, 0x1BADB002).putInt(MULTIBOOT_HEADER + 8, -0x1BADB002);
    Arrays.fill(bytes, 0x800, 0x1000, (byte) 0xF4);
    return bytes;
  }

  private static void elf32(ByteBuffer out, int entry) {
    out.putInt(0, 0x464C457F).put(4, (byte) 1).put(5, (byte) 1).put(6, (byte) 1);
    out.putShort(16, (short) 2).putShort(18, (short) 3).putInt(20, 1).putInt(24, entry);
    out.putInt(28, 52).putShort(40, (short) 52).putShort(42, (short) 32).putShort(44, (short) 1);
    out.putInt(52, 1).putInt(56, 0x800).putInt(60, 0x40_0000).putInt(64, 0x40_0000);
    out.putInt(68, 0x800).putInt(72, 0x10_0000).putInt(76, 7).putInt(80, 0x1000);
  }

  /** ELF64 with a PVH entry note and one segment at 16 MiB. */
  static byte[] pvh() {
    byte[] bytes = new byte[0x1000];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0, 0x464C457F).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
    out.putShort(16, (short) 2).putShort(18, (short) 62).putInt(20, 1).putLong(24, 0xFFF0);
    out.putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 2);
    out.putInt(64, 1).putLong(72, 0x800).putLong(88, 0x100_0000);
    out.putLong(96, 0x800).putLong(104, 0x2000);
    out.putInt(120, 4).putLong(128, 0x400).putLong(152, 44).putLong(160, 44);
    // A note of somebody else first, so that the search must step over it.
    out.putInt(0x400, 4)
        .putInt(0x404, 4)
        .putInt(0x408, 1)
        .put(0x40C, "GNU\0".getBytes(StandardCharsets.US_ASCII));
    out.putInt(0x414, 4)
        .putInt(0x418, 8)
        .putInt(0x41C, 18)
        .put(0x420, "Xen\0".getBytes(StandardCharsets.US_ASCII));
    out.putLong(0x424, 0x100_0040);
    return bytes;
  }

  /** {@return guest memory as the plan makes it, from {@code gpa} on} */
  static ByteBuffer memory(BootPlan plan, long gpa, int length) {
    byte[] out = new byte[length];
    for (LoadSegment segment : plan.segments()) {
      long from = Math.max(gpa, segment.gpa());
      long to = Math.min(gpa + length, segment.gpa() + segment.data().byteSize());
      if (from < to) {
        MemorySegment.copy(
            segment.data(),
            from - segment.gpa(),
            MemorySegment.ofArray(out),
            from - gpa,
            to - from);
      }
    }
    return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@return the zero-ended text that the plan puts at {@code gpa}} */
  static String text(BootPlan plan, long gpa) {
    String all = new String(memory(plan, gpa, 4096).array(), StandardCharsets.UTF_8);
    return all.substring(0, all.indexOf('\0'));
  }

  static LoadSegment segment(BootPlan plan, String what) {
    return plan.segments().stream().filter(s -> s.what().equals(what)).findFirst().orElseThrow();
  }
}
