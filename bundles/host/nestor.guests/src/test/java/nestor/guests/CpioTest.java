// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CpioTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  @Test
  void whatIsWrittenIsReadBackSortedWithItsFolders() throws GuestException {
    CpioArchive archive =
        new CpioArchive().addFile("z", 0x1A4, HELLO).addFile("a/b/c", 0x1ED, HELLO);

    List<CpioEntry> entries = CpioReader.read(archive.toBytes());

    assertThat(entries).extracting(CpioEntry::name).containsExactly("a", "a/b", "a/b/c", "z");
    assertThat(entries.get(1).isFolder()).isTrue();
    assertThat(entries.get(2).isFile()).isTrue();
    assertThat(entries.get(2).permissions()).isEqualTo(0x1ED);
    assertThat(entries.get(3).data()).isEqualTo(HELLO);
  }

  @Test
  void theHeaderIsTheOneOfTheKernelsDocument() {
    byte[] bytes = new CpioArchive().addFile("init", 0x1ED, HELLO).toBytes();

    String header = new String(bytes, 0, 110, StandardCharsets.US_ASCII);
    assertThat(header)
        .isEqualTo(
            "070701"
                + "00000001" // inode
                + "000081ED" // mode
                + "00000000"
                + "00000000" // owner
                + "00000001" // links
                + "00000000" // time
                + "00000005" // size
                + "00000000"
                + "00000000"
                + "00000000"
                + "00000000" // devices
                + "00000005" // name with its zero
                + "00000000");
    assertThat(bytes.length % 4).isZero();
  }

  @Test
  void orderOfAddingDoesNotMatter() {
    byte[] one = new CpioArchive().addFile("a", 1, HELLO).addFile("b", 1, HELLO).toBytes();
    byte[] other = new CpioArchive().addFile("b", 1, HELLO).addFile("a", 1, HELLO).toBytes();

    assertThat(one).isEqualTo(other);
  }

  @Test
  void aScriptIsAppendedAtAMultipleOfFourAfterTheUntouchedInitrd() throws GuestException {
    byte[] initrd = {1, 2, 3, 4, 5};

    byte[] both = CpioAppender.withScript(initrd, "uname -a");

    assertThat(Arrays.copyOf(both, 8)).isEqualTo(new byte[] {1, 2, 3, 4, 5, 0, 0, 0});
    List<CpioEntry> added = CpioReader.read(Arrays.copyOfRange(both, 8, both.length));
    assertThat(added).extracting(CpioEntry::name).containsExactly("nestor.sh");
    assertThat(added.getFirst().data()).asString().isEqualTo("uname -a\n");
  }

  @Test
  void severalArchivesInARowAreOne() throws GuestException {
    byte[] first = new CpioArchive().addFile("init", 0x1ED, HELLO).toBytes();

    byte[] both = CpioAppender.withScript(first, "true\n");

    assertThat(CpioReader.read(both))
        .extracting(CpioEntry::name)
        .containsExactly("init", "nestor.sh");
  }

  @Test
  void anArchiveThatIsCutAnywhereButInItsTrailerIsRefused() {
    byte[] bytes = new CpioArchive().addFile("init", 0x1ED, HELLO).toBytes();

    for (int length : new int[] {1, 50, 109, 112, 118}) {
      assertThatThrownBy(() -> CpioReader.read(Arrays.copyOf(bytes, length)))
          .as("first %d bytes", length)
          .isInstanceOf(GuestException.class)
          .hasMessageContaining("cut off");
    }
  }

  @Test
  void whatIsNoCpioArchiveIsRefused() {
    byte[] bytes = new byte[200];
    Arrays.fill(bytes, (byte) 'x');

    assertThatThrownBy(() -> CpioReader.read(bytes))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("not a newc cpio archive");
  }
}
