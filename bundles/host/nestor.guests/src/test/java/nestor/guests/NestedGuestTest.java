// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of hypervisors' hosts, from an archive with a QEMU of a few bytes. */
class NestedGuestTest {
  private static final String LIBRARIES = "usr/lib/x86_64-linux-gnu/";

  @TempDir private Path folder;

  private FakeDebian debian;
  private GuestCache cache;

  @BeforeEach
  void makeArchive() throws IOException {
    debian = FakeDebian.full(folder);
    debian.add(
        "qemu-system-x86",
        "1:7.2-7",
        Map.of("usr/bin/qemu-system-x86_64", TinyElf.of(null, "liba.so.1", "ld-test.so.2")));
    debian.add("seabios", "1.16-1", Map.of("usr/share/seabios/bios-256k.bin", new byte[] {1}));
    debian.add(
        "qemu-system-data",
        "1:7.2-7",
        Map.of(
            "usr/share/qemu/linuxboot_dma.bin", new byte[] {2},
            "usr/share/qemu/kvmvapic.bin", new byte[] {3}));
    debian.depends("qemu-system-x86", "liba1", "libunused3", "qemu-system-data", "seabios");
    library("liba1", "1-1", TinyElf.of("liba.so.1", "libb.so.2", "ld-test.so.2"));
    debian.depends("liba1", "libb2", "zlib1g");
    library("libunused3", "3-1", TinyElf.of("libunused.so.3", "libnowhere.so.9"));
    debian.depends("libunused3", "libnowhere9");
    library("libb2", "2-1", TinyElf.of("libb.so.2", "liba.so.1"));
    debian.depends("libb2", "liba1");
    library("zlib1g", "1-1", TinyElf.of("ld-test.so.2"));
    debian.depends("zlib1g", "dpkg");
    cache = new GuestCache(folder.resolve("cache"));
  }

  private void library(String name, String version, byte[] content) throws IOException {
    debian.add(
        name,
        version,
        Map.of(LIBRARIES + name + ".so.0", content, LIBRARIES + "text.so", TinyDeb.ascii("GROUP")));
  }

  @Test
  void qemuComesWithItsFirmwareAndExactlyTheLibrariesThatAreAskedFor() throws Exception {
    fetch();

    Map<String, CpioEntry> files = initramfs("nested-qemu");
    assertThat(files)
        .containsKeys(
            "usr/bin/qemu-system-x86_64",
            "usr/share/qemu/bios-256k.bin",
            "usr/share/qemu/linuxboot_dma.bin",
            "usr/share/qemu/kvmvapic.bin",
            "l1.sh",
            "l2/vmlinuz");
    assertThat(files.keySet().stream().filter(name -> name.contains(".so")))
        .containsExactly(
            "lib/x86_64-linux-gnu/liba.so.1",
            "lib/x86_64-linux-gnu/libb.so.2",
            "lib64/ld-test.so.2");
    assertThat(cache.find("nested-qemu").orElseThrow().facts())
        .containsEntry("package.libb2", "2-1")
        .doesNotContainKey("package.libunused3");
    assertThat(initramfs("nested")).doesNotContainKey("usr/bin/qemu-system-x86_64");
  }

  @Test
  void aLibraryThatNoPackageHasIsNamedAndLeavesNoImage() throws Exception {
    debian.add(
        "qemu-system-x86",
        "1:7.2-8",
        Map.of("usr/bin/qemu-system-x86_64", TinyElf.of(null, "liba.so.1", "libnowhere.so.9")));
    debian.depends("qemu-system-x86", "liba1");

    assertThatThrownBy(this::fetch)
        .isInstanceOf(GuestException.class)
        .hasMessage("no package that qemu-system-x86 depends on has libnowhere.so.9");

    assertThat(cache.find("nested-qemu")).isEmpty();
    assertThat(cache.find("nested")).isPresent();
  }

  @Test
  void theImageIsMadeAnewWhenALibraryChanges() throws Exception {
    fetch();
    assertThat(fetch())
        .anyMatch(line -> line.startsWith("nested is up to date"))
        .anyMatch(line -> line.startsWith("nested-qemu is up to date"));

    library("libb2", "2-2", TinyElf.of("libb.so.2"));
    assertThat(fetch())
        .anyMatch(line -> line.startsWith("nested is up to date"))
        .anyMatch(line -> line.startsWith("nested-qemu is ready"));

    assertThat(cache.find("nested-qemu").orElseThrow().facts())
        .containsEntry("package.libb2", "2-2");
  }

  private Map<String, CpioEntry> initramfs(String image) throws Exception {
    Map<String, CpioEntry> files = new TreeMap<>();
    byte[] initrd = Files.readAllBytes(cache.find(image).orElseThrow().initrd().orElseThrow());
    for (CpioEntry entry : CpioReader.read(initrd)) {
      files.put(entry.name(), entry);
    }
    return files;
  }

  private List<String> fetch() throws Exception {
    List<String> progress = new ArrayList<>();
    Files.createDirectories(cache.packageClient());
    Apt apt =
        debian.apt(
            cache.packageClient(), path -> Long.MAX_VALUE, List.of(debian.programs), progress::add);
    apt.update();
    return cache.locked(
        () -> {
          new NestedRecipe().fetch(apt, cache, progress::add);
          return progress;
        });
  }
}
