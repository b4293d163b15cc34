// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestCacheTest {
  private static final SortedMap<String, String> ORIGIN = new TreeMap<>(Map.of("package.x", "1"));

  @TempDir private Path root;

  @Test
  void theFolderFollowsTheEnvironment() {
    assertThat(GuestCache.defaultRoot(Map.of(), "/home/u"))
        .isEqualTo(Path.of("/home/u/.cache/nestor/guests"));
    assertThat(GuestCache.defaultRoot(Map.of("XDG_CACHE_HOME", "/x"), "/home/u"))
        .isEqualTo(Path.of("/x/nestor/guests"));
    assertThat(
            GuestCache.defaultRoot(Map.of("XDG_CACHE_HOME", "/x", "NESTOR_CACHE", "/n"), "/home/u"))
        .isEqualTo(Path.of("/n/guests"));
  }

  @Test
  void aGuestIsFoundWithItsFilesAndFacts() throws Exception {
    GuestCache cache = new GuestCache(root);

    install(cache, "kernel", "initrd");

    var image = cache.find("g").orElseThrow();
    assertThat(image.kernel()).hasContent("kernel");
    assertThat(image.initrd().orElseThrow()).hasContent("initrd");
    assertThat(image.facts()).containsEntry("package.x", "1");
    assertThat(cache.isIntact("g", ORIGIN)).isTrue();
  }

  @Test
  void aNewerGuestTakesThePlaceOfTheOlder() throws Exception {
    GuestCache cache = new GuestCache(root);
    install(cache, "old", "old");

    install(cache, "new", "new");

    assertThat(cache.find("g").orElseThrow().kernel()).hasContent("new");
    assertThat(hiddenFolders()).isZero();
  }

  @Test
  void aFullDiskLeavesTheOlderGuestAndNoRemains() throws Exception {
    install(new GuestCache(root), "old", "old");
    GuestCache full = new GuestCache(root, file -> new FullDisk(Files.newOutputStream(file), 7));

    assertThatThrownBy(() -> install(full, "new", "a larger one"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("full")
        .hasMessageContaining(root.toString())
        .hasMessageContaining("NESTOR_CACHE");

    assertThat(full.find("g").orElseThrow().kernel()).hasContent("old");
    assertThat(full.isIntact("g", ORIGIN)).isTrue();
    assertThat(hiddenFolders()).isZero();
  }

  @Test
  void aFullDiskAtTheFirstFetchLeavesNothing() throws Exception {
    GuestCache full = new GuestCache(root, file -> new FullDisk(Files.newOutputStream(file), 0));

    assertThatThrownBy(() -> install(full, "k", "i")).isInstanceOf(GuestException.class);

    assertThat(root).isEmptyDirectory();
  }

  @Test
  void aCacheFolderThatIsAFileIsRefused() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "");

    assertThatThrownBy(() -> new GuestCache(file.resolve("guests")).locked(() -> null))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("cannot");
  }

  @Test
  void aDamagedOrForeignGuestIsNotIntact() throws Exception {
    GuestCache cache = new GuestCache(root);
    install(cache, "kernel", "initrd");

    assertThat(cache.isIntact("g", Map.of("package.x", "2"))).isFalse();
    Files.writeString(root.resolve("g/initrd"), "changed");
    assertThat(cache.isIntact("g", ORIGIN)).isFalse();
    Files.delete(root.resolve("g/initrd"));
    assertThat(cache.isIntact("g", ORIGIN)).isFalse();
  }

  @Test
  void remainsOfAnInterruptedRunAreCleanedAndNeverFound() throws Exception {
    GuestCache cache = new GuestCache(root);
    Path remains = Files.createDirectories(root.resolve(".new-g"));
    Files.writeString(remains.resolve("vmlinuz"), "half");
    Files.writeString(remains.resolve("guest.properties"), "");

    assertThat(cache.list()).isEmpty();
    assertThat(cache.find(".new-g")).isEmpty();
    cache.locked(() -> null);

    assertThat(remains).doesNotExist();
  }

  @Test
  void twoCannotFetchAtOnce() throws Exception {
    GuestCache cache = new GuestCache(root);

    assertThatThrownBy(() -> cache.locked(() -> cache.locked(() -> null)))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("another nestor");
  }

  private long hiddenFolders() throws IOException {
    try (var files = Files.list(root)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).count();
    }
  }

  private static void install(GuestCache cache, String kernel, String initrd)
      throws GuestException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    files.put("vmlinuz", TinyDeb.ascii(kernel));
    files.put("initrd", TinyDeb.ascii(initrd));
    cache.install("g", files, ORIGIN);
  }

  /** Fails as a disk does when so many bytes are written. */
  private static final class FullDisk extends FilterOutputStream {
    private int left;

    FullDisk(OutputStream out, int left) {
      super(out);
      this.left = left;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      left -= length;
      if (left < 0) {
        throw new IOException("No space left on device");
      }
      out.write(bytes, offset, length);
    }
  }
}
