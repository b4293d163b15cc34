// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import nestor.api.boot.BootData;
import nestor.api.boot.BootException;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootRequest;
import nestor.api.boot.MemoryLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BrokenImagesTest {
  private static final MemoryLayout MEMORY = MemoryLayout.pc(64L << 20);

  private final DirectBootLoader loader = new DirectBootLoader();

  static Stream<Arguments> broken() {
    byte[] linux = Images.linux();
    byte[] multiboot = Images.multiboot();
    byte[] pvh = Images.pvh();
    return Stream.of(
        argumentSet("empty", Images.cut(linux, 0), "is empty"),
        argumentSet("text", BootData.of("kernel.bin", new byte[600]), "no Linux header"),
        argumentSet(
            "boot flag",
            Images.changed(linux, b -> b.putShort(0x1FE, (short) 0x1234)),
            "boot_flag at offset 0x1FE is 0x1234 but should be 0xAA55"),
        argumentSet(
            "version",
            Images.changed(linux, b -> b.putShort(0x206, (short) 0x203)),
            "version at offset 0x206 is 0x203 but should be 0x206 or more"),
        argumentSet(
            "zImage",
            Images.changed(linux, b -> b.put(0x211, (byte) 0)),
            "loadflags at offset 0x211 is 0x0"),
        argumentSet("cut in the header", Images.cut(linux, 0x20C), "the file ends after 524 bytes"),
        argumentSet(
            "set-up sectors",
            Images.changed(linux, b -> b.put(0x1F1, (byte) 200)),
            "setup_sects at offset 0x1F1 is 0xC8"),
        argumentSet(
            "cut in the payload",
            Images.cut(linux, Images.LINUX_BYTES - 100),
            "syssize at offset 0x1F4 is 0x100"),
        argumentSet(
            "header length",
            Images.changed(linux, b -> b.put(0x201, (byte) 0)),
            "jump at offset 0x201"),
        argumentSet(
            "alignment",
            Images.changed(linux, b -> b.putInt(0x230, 0x3000).putLong(0x258, 1L << 40)),
            "kernel_alignment at offset 0x230 is 0x3000 but should be a power of two"),
        argumentSet(
            "kernel too big for memory",
            Images.changed(linux, b -> b.putInt(0x260, 0x1000_0000)),
            "init_size at offset 0x260 is 0x10000000"),
        argumentSet(
            "Multiboot checksum",
            Images.changed(multiboot, b -> b.putInt(Images.MULTIBOOT_HEADER + 8, 7)),
            "checksum at offset 0x208 is 0x7 but should be 0xE4524FFE"),
        argumentSet(
            "Multiboot requirement",
            Images.changed(multiboot, b -> b.putInt(0x204, 8).putInt(0x208, -(0x1BADB002 + 8))),
            "flags at offset 0x204 is 0x8"),
        argumentSet(
            "Multiboot without ELF",
            Images.changed(multiboot, b -> b.putInt(0, 0)),
            "e_ident at offset 0x0"),
        argumentSet(
            "ELF class",
            Images.changed(multiboot, b -> b.put(4, (byte) 9)),
            "EI_CLASS at offset 0x4 is 0x9"),
        argumentSet(
            "ELF machine",
            Images.changed(multiboot, b -> b.putShort(18, (short) 0xB7)),
            "e_machine at offset 0x12 is 0xB7"),
        argumentSet(
            "ELF type", Images.changed(multiboot, b -> b.putShort(16, (short) 1)), "e_type"),
        argumentSet("big endian", Images.changed(multiboot, b -> b.put(5, (byte) 2)), "EI_DATA"),
        argumentSet(
            "program headers outside",
            Images.changed(multiboot, b -> b.putInt(28, 0xFFFF)),
            "e_phoff at offset 0x1C"),
        argumentSet(
            "program header size",
            Images.changed(multiboot, b -> b.putShort(42, (short) 8)),
            "e_phentsize at offset 0x2A"),
        argumentSet("nothing to load", Images.changed(multiboot, b -> b.putInt(52, 0)), "e_phnum"),
        argumentSet("cut segment", Images.cut(multiboot, 0xA00), "p_offset of PT_LOAD segment 0"),
        argumentSet(
            "file size above memory size",
            Images.changed(multiboot, b -> b.putInt(72, 0x10)),
            "p_filesz of PT_LOAD segment 0 at offset 0x44"),
        argumentSet(
            "outside memory",
            Images.changed(multiboot, b -> b.putInt(64, 0x3FF_0000)),
            "PT_LOAD segment 0 needs memory from 0x3FF0000 to 0x40F0000"),
        argumentSet(
            "overlapping segments",
            Images.changed(
                multiboot,
                b -> {
                  b.putShort(44, (short) 2);
                  b.put(84, multiboot, 52, 32);
                  b.putInt(84 + 12, 0x40_0400);
                }),
            "PT_LOAD segment 1 at 0x400400 to 0x500400 overlaps PT_LOAD segment 0"),
        argumentSet(
            "ELF64 with a Multiboot header",
            Images.changed(pvh, b -> b.putInt(0x300, 0x1BADB002).putInt(0x308, -0x1BADB002)),
            "EI_CLASS at offset 0x4 is 0x2 but should be 1 (ELF32)"),
        argumentSet(
            "PVH entry outside",
            Images.changed(pvh, b -> b.putLong(0x424, 0x10)),
            "XEN_ELFNOTE_PHYS32_ENTRY at offset 0x424 is 0x10"),
        argumentSet(
            "broken gzip",
            BootData.of("kernel.bin", new byte[] {0x1F, (byte) 0x8B, 8, 0, 0}),
            "is a broken gzip file"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void namesTheFileAndTheFieldInOneSentence(BootData kernel, String part) {
    assertThatThrownBy(() -> loader.plan(new BootRequest(kernel, MEMORY)))
        .isInstanceOf(BootException.class)
        .satisfies(e -> assertThat(e.getMessage()).startsWith("kernel.bin").endsWith("."))
        .hasMessageContaining(part);
  }

  @Test
  void refusesAKernelThatWouldRunBeyondTheEndOfMemory() {
    MemoryLayout small = MemoryLayout.pc(16L << 20);

    assertThatThrownBy(() -> loader.plan(new BootRequest(Images.changed(Images.linux()), small)))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("init_size at offset 0x260 is 0x200000")
        .hasMessageContaining("from pref_address 0x1000000 on");
  }

  @Test
  void refusesAFileThatIsNotThereOrAFolder(@TempDir Path folder) {
    assertThatThrownBy(() -> loader.detect(BootData.of(folder.resolve("none"))))
        .isInstanceOf(BootException.class)
        .hasMessageEndingWith("none does not exist; check the path.");
    assertThatThrownBy(() -> loader.detect(BootData.of(folder)))
        .hasMessageEndingWith("is a folder; give the file itself.");
  }

  @Test
  void refusesAnInitrdThatDoesNotFit() {
    BootRequest request =
        LinuxImageTest.withModules(
            Images.changed(Images.linux()),
            new BootModule(BootData.of("initrd.img", new byte[50 << 20])));

    assertThatThrownBy(() -> loader.plan(request))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("initrd.img has 52428800 bytes and does not fit above the kernel")
        .hasMessageContaining("RAM below 4 GiB ends at 0x4000000");
  }

  @Test
  void refusesAnEmptyModuleAndOneThatDoesNotFit() {
    BootModule empty = new BootModule(BootData.of("initrd.img", new byte[0]));
    BootModule big = new BootModule(BootData.of("dom0", new byte[60 << 20]));

    assertThatThrownBy(
            () -> loader.plan(LinuxImageTest.withModules(Images.changed(Images.linux()), empty)))
        .hasMessage("initrd.img is empty; leave it out or fetch it again.");
    assertThatThrownBy(
            () -> loader.plan(LinuxImageTest.withModules(Images.changed(Images.multiboot()), big)))
        .hasMessageContaining("The module dom0 has 62914560 bytes and does not fit");
  }

  @Test
  void refusesACommandLineLongerThanTheKernelTakes() {
    BootRequest request = with(Images.changed(Images.linux()), "x".repeat(2048), Map.of());

    assertThatThrownBy(() -> loader.plan(request))
        .hasMessageContaining("cmdline_size at offset 0x238 allows 2047; shorten it");
  }

  @Test
  void refusesAnEnvironmentForLinuxAndOneThatIsTooLong() {
    assertThatThrownBy(
            () -> loader.plan(with(Images.changed(Images.linux()), "", Map.of("A", "1"))))
        .hasMessageContaining("a linux image takes no environment");
    assertThatThrownBy(
            () ->
                loader.plan(
                    with(Images.changed(Images.multiboot()), "", Map.of("A", "1".repeat(16384)))))
        .hasMessageContaining("more than 16384");
  }

  @Test
  void refusesFlatImagesThatCannotBeEntered() {
    assertThatThrownBy(
            () -> loader.plan(PvhAndFlatImageTest.flat(BootKind.FLAT16, OptionalLong.of(0x1_2345))))
        .hasMessageContaining("cannot be entered in real mode");
    assertThatThrownBy(
            () ->
                loader.plan(
                    PvhAndFlatImageTest.flat(BootKind.FLAT32, OptionalLong.of(0xC000_0000L))))
        .hasMessageContaining("the machine has no RAM there");
  }

  @Test
  void refusesAKindThatTheFileIsNot() {
    BootRequest request =
        new BootRequest(
            Images.changed(Images.multiboot()),
            Optional.of(BootKind.PVH),
            OptionalLong.empty(),
            List.of(),
            "",
            Map.of(),
            MEMORY,
            0);

    assertThatThrownBy(() -> loader.plan(request))
        .hasMessageContaining("XEN_ELFNOTE_PHYS32_ENTRY is missing");
  }

  private static BootRequest with(BootData kernel, String arguments, Map<String, String> env) {
    return new BootRequest(
        kernel, Optional.empty(), OptionalLong.empty(), List.of(), arguments, env, MEMORY, 0);
  }
}
