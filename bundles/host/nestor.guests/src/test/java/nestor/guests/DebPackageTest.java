// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static nestor.guests.TinyDeb.ascii;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebPackageTest {
  @TempDir private Path folder;

  @Test
  void filesAreFoundUnderEachCompression() throws Exception {
    TinyDeb deb =
        new TinyDeb()
            .folder("./boot/")
            .file("./boot/vmlinuz-1", ascii("K"))
            .file("./a", ascii("A"));

    for (byte[] bytes : List.of(deb.plain(), deb.gz(), deb.xz())) {
      SortedMap<String, byte[]> files = files(bytes, ".*");

      assertThat(files).containsOnlyKeys("a", "boot/vmlinuz-1");
      assertThat(files.get("boot/vmlinuz-1")).isEqualTo(ascii("K"));
    }
  }

  @Test
  void unwantedFilesAreSkippedWhateverTheirSize() throws Exception {
    TinyDeb deb = new TinyDeb();
    for (int size : new int[] {0, 1, 511, 512, 513, 5000}) {
      deb.file("./skip" + size, new byte[size]);
    }
    deb.file("./wanted", ascii("W"));

    assertThat(files(deb.xz(), "wanted")).containsOnlyKeys("wanted");
  }

  @Test
  void longNamesOfGnuTarAndOfPaxAreRead() throws Exception {
    String gnu = "./lib/" + "g".repeat(150);
    String pax = "lib/" + "p".repeat(150);
    String record = "path=" + pax + "\n";
    byte[] header = ascii((record.length() + 4) + " " + record);
    TinyDeb deb =
        new TinyDeb()
            .member('L', "././@LongLink", ascii(gnu + "\0"))
            .file("./cut", ascii("1"))
            .member('x', "./PaxHeaders/p", header)
            .file("./cut", ascii("2"))
            .file("./short", ascii("3"));

    SortedMap<String, byte[]> files = files(deb.xz(), ".*");

    assertThat(files).containsOnlyKeys(gnu.substring(2), pax, "short");
  }

  @Test
  void aPackageCutAtAnyPlaceIsRefusedAsCutOff() throws Exception {
    byte[] noise = new byte[4000];
    new Random(1).nextBytes(noise);
    byte[] whole = new TinyDeb().file("./noise", noise).xz();

    for (int length = 100; length < whole.length - 1; length += 97) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> files(cut, ".*"))
          .as("first %d of %d bytes", length, whole.length)
          .isInstanceOf(GuestException.class)
          .hasMessageContaining("x.deb")
          .hasMessageMatching("(?s).*(cut off|no data.tar).*");
    }
  }

  @Test
  void damagedXzDataIsRefused() {
    byte[] noise = new byte[4000];
    new Random(1).nextBytes(noise);
    byte[] bytes = new TinyDeb().file("./noise", noise).xz();
    bytes[bytes.length - 2000] ^= 0x10;

    assertThatThrownBy(() -> files(bytes, "nothing of it"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("x.deb")
        .hasMessageContaining("corrupt");
  }

  @Test
  void aDamagedTarHeaderIsRefused() {
    byte[] bytes = new TinyDeb().file("./a", ascii("A")).plain();
    int name = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("./a");
    bytes[name + 2] = 'b';

    assertThatThrownBy(() -> files(bytes, ".*"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void otherFilesAreRefusedByWhatIsWrongWithThem() {
    assertThatThrownBy(() -> files(ascii("<html>not found</html>"), ".*"))
        .hasMessageContaining("not a Debian package");
    assertThatThrownBy(() -> files(new byte[0], ".*")).hasMessageContaining("not a Debian package");
    assertThatThrownBy(() -> files(TinyDeb.ar("other", new byte[4]), ".*"))
        .hasMessageContaining("no data.tar");
    assertThatThrownBy(() -> files(TinyDeb.ar("data.tar.zst", new byte[4]), ".*"))
        .hasMessageContaining("data.tar.zst")
        .hasMessageContaining("compression");
    assertThatThrownBy(() -> files(TinyDeb.ar("data.tar.xz", new byte[40]), ".*"))
        .hasMessageContaining("cannot be unpacked");
  }

  private SortedMap<String, byte[]> files(byte[] deb, String regex)
      throws GuestException, IOException {
    Path file = folder.resolve("x.deb");
    Files.write(file, deb);
    return new PackageFiles(file).matching(regex);
  }
}
