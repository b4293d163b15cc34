// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootPlan;
import nestor.api.boot.BootRequest;
import nestor.api.boot.CpuStart;
import nestor.api.boot.MemoryLayout;
import nestor.api.boot.MemoryRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxImageTest {
  private static final MemoryLayout MEMORY = MemoryLayout.pc(64L << 20);

  private final DirectBootLoader loader = new DirectBootLoader();

  @Test
  void entersA64BitKernelAtItsPreferredAddressPlus200h() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.linux()), MEMORY));

    assertThat(plan.kind()).isEqualTo(BootKind.LINUX);
    assertThat(plan.start().mode()).isEqualTo(CpuStart.Mode.LONG64);
    assertThat(plan.start().rip()).isEqualTo(0x100_0200);
    assertThat(Images.segment(plan, "kernel").gpa()).isEqualTo(0x100_0000);
    assertThat(Images.segment(plan, "kernel").length()).isEqualTo(4096);
    assertThat(Images.memory(plan, plan.start().rsi(), 4096).getInt(0x214)).isEqualTo(0x100_0000);
  }

  @Test
  void entersA32BitKernelAtItsFirstByte() throws BootException {
    BootData kernel = Images.changed(Images.linux(), b -> b.putShort(0x236, (short) 0));

    BootPlan plan = loader.plan(new BootRequest(kernel, MEMORY));

    assertThat(plan.start().mode()).isEqualTo(CpuStart.Mode.PROTECTED32);
    assertThat(plan.start().rip()).isEqualTo(0x100_0000);
    assertThat(plan.start().cs()).isEqualTo(0x10);
    assertThat(plan.start().ds()).isEqualTo(0x18);
    assertThat(plan.start().rbx() | plan.start().rdi() | plan.start().rbp()).isZero();
  }

  @Test
  void mapsTheFirst4GibibytesOneToOne() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.linux()), MEMORY));

    for (long gva : new long[] {0, 0x20_0000, 0x7FE0_0000, 0xC000_0000L, 0xFFFF_FFFFL}) {
      long level3 = entry(plan, plan.start().cr3(), gva >>> 39);
      long level2 = entry(plan, level3 & -0x1000, gva >>> 30 & 511);
      long leaf = entry(plan, level2 & -0x1000, gva >>> 21 & 511);
      assertThat(leaf).isEqualTo((gva & -0x20_0000) + 0x83);
    }
  }

  private static long entry(BootPlan plan, long table, long index) {
    long entry = Images.memory(plan, table + 8 * index, 8).getLong();
    assertThat(entry & 3).isEqualTo(3);
    return entry;
  }

  @Test
  void givesDescriptorsThatAgreeWithTheMode() throws BootException {
    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.linux()), MEMORY));
    ByteBuffer gdt = Images.memory(plan, plan.start().gdtGpa(), plan.start().gdtLimit() + 1);

    assertThat(plan.start().gdtLimit()).isEqualTo(31);
    assertThat(gdt.getLong(0)).isZero();
    assertThat(gdt.getLong(0x10)).isEqualTo(0x00AF_9B00_0000_FFFFL);
    assertThat(gdt.getLong(0x18)).isEqualTo(0x00CF_9300_0000_FFFFL);
  }

  @Test
  void handsOverCommandLineMemoryMapAndRootPointer() throws BootException {
    BootRequest request =
        new BootRequest(
            Images.changed(Images.linux()),
            Optional.empty(),
            OptionalLong.empty(),
            List.of(),
            "console=ttyS0 quiet",
            Map.of(),
            MEMORY,
            0xE0000);

    BootPlan plan = loader.plan(request);

    ByteBuffer parameters = Images.memory(plan, plan.start().rsi(), 4096);
    assertThat(Images.text(plan, parameters.getInt(0x228))).isEqualTo("console=ttyS0 quiet");
    assertThat(parameters.getLong(0x70)).isEqualTo(0xE0000);
    assertThat(parameters.get(0x1E8)).isEqualTo((byte) MEMORY.ranges().size());
    assertThat(parameters.getLong(0x2D0)).isZero();
    assertThat(parameters.getLong(0x2D8)).isEqualTo(0x9FC00);
    assertThat(parameters.getInt(0x2E0)).isEqualTo(1);
    assertThat(parameters.get(0x210)).isEqualTo((byte) 0xFF);
    assertThat(parameters.getInt(0x202)).isEqualTo(0x53726448);
    assertThat(parameters.get(0x0F)).as("no video").isZero();
    assertThat(parameters.get(0x07)).as("no columns").isZero();
  }

  @Test
  void joinsModulesIntoOneInitrdAsHighAsTheKernelAllows() throws BootException {
    BootRequest request =
        withModules(
            Images.changed(Images.linux(), b -> b.putInt(0x22C, 0x2FF_FFFF)),
            new BootModule(BootData.of("a.cpio", new byte[] {1, 2, 3, 4, 5})),
            new BootModule(BootData.of("b.cpio", new byte[] {6})));

    BootPlan plan = loader.plan(request);

    ByteBuffer parameters = Images.memory(plan, plan.start().rsi(), 4096);
    assertThat(parameters.getInt(0x218)).isEqualTo(0x2FF_F000);
    assertThat(parameters.getInt(0x21C)).isEqualTo(9);
    assertThat(Images.memory(plan, 0x2FF_F000, 9).array())
        .containsExactly(1, 2, 3, 4, 5, 0, 0, 0, 6);
  }

  @Test
  void keepsTheInitrdOutOfTheKernelsWorkingMemory() throws BootException {
    // Memory ends 1 MiB above what the kernel needs while it unpacks itself.
    MemoryLayout small = MemoryLayout.pc(0x130_0000);
    BootRequest request =
        new BootRequest(
            Images.changed(Images.linux()),
            Optional.of(BootKind.LINUX),
            OptionalLong.empty(),
            List.of(new BootModule(BootData.of("initrd", new byte[0x10_0000]))),
            "",
            Map.of(),
            small,
            0);

    BootPlan plan = loader.plan(request);

    assertThat(Images.segment(plan, "initrd").gpa()).isEqualTo(0x120_0000);
  }

  @Test
  void movesARelocatableKernelThatDoesNotFitAtItsPreferredAddress() throws BootException {
    MemoryLayout holed =
        new MemoryLayout(
            List.of(
                new MemoryRange(0, 0x9_F000, MemoryRange.Kind.RAM),
                new MemoryRange(0x10_0000, 0xF0_0000, MemoryRange.Kind.RAM),
                new MemoryRange(0x130_0000, 0x100_0000, MemoryRange.Kind.RAM)));

    BootPlan plan = loader.plan(new BootRequest(Images.changed(Images.linux()), holed));

    assertThat(Images.segment(plan, "kernel").gpa()).isEqualTo(0x140_0000);
    assertThat(plan.start().rip()).isEqualTo(0x140_0200);
  }

  @Test
  void loadsAKernelThatIsNotRelocatableAt1Mebibyte() throws BootException {
    BootData kernel = Images.changed(Images.linux(), b -> b.put(0x234, (byte) 0));

    BootPlan plan = loader.plan(new BootRequest(kernel, MEMORY));

    assertThat(Images.segment(plan, "kernel").gpa()).isEqualTo(0x10_0000);
  }

  @Test
  void readsTheKernelFromAFile(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("vmlinuz"), Images.linux());

    assertThat(loader.detect(BootData.of(file))).isEqualTo(BootKind.LINUX);
  }

  static BootRequest withModules(BootData kernel, BootModule... modules) {
    return new BootRequest(
        kernel, Optional.empty(), OptionalLong.empty(), List.of(modules), "", Map.of(), MEMORY, 0);
  }
}
