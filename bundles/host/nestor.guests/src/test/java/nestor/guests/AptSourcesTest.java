// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourcesTest {
  @TempDir private Path etc;

  @BeforeEach
  void makeParts() throws IOException {
    Files.createDirectory(etc.resolve("sources.list.d"));
  }

  @Test
  void oneLineEntriesOfDebianAreKeptAsTheyAre() throws IOException {
    write(
        "sources.list",
        """
        # a comment
        deb cdrom:[Debian 12]/ bookworm main
        deb [signed-by=/k.gpg] http://mirror.test/debian bookworm main # with a comment
        deb-src http://mirror.test/debian bookworm main
        deb http://mirror.test/debian-security/ bookworm-security main
        deb http://vendor.test/apt stable main
        """);

    AptSources sources = AptSources.of(etc);

    assertThat(sources.oneLine())
        .containsExactly(
            "deb [signed-by=/k.gpg] http://mirror.test/debian bookworm main",
            "deb http://mirror.test/debian-security/ bookworm-security main");
    assertThat(sources.stanzas()).isEmpty();
  }

  @Test
  void stanzasOfDebianAreKeptWithTheirKeys() throws IOException {
    write(
        "sources.list.d/debian.sources",
        """
        Types: deb deb-src
        # where from
        URIs: https://mirror.test/archive/debian/20250520T000000Z
        Suites: bookworm bookworm-updates
        Components: main
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         mDM=

        Types: deb
        URIs: https://vendor.test/node
        Suites: nodistro
        Components: main

        Enabled: no
        Types: deb
        URIs: https://mirror.test/debian
        Suites: sid
        Components: main
        """);

    AptSources sources = AptSources.of(etc);

    assertThat(sources.oneLine()).isEmpty();
    assertThat(sources.stanzas()).hasSize(1);
    assertThat(sources.stanzas().getFirst())
        .startsWith("Types: deb\n")
        .contains("bookworm-updates", "\n mDM=")
        .doesNotContain("where from", "deb-src");
  }

  @Test
  void everyEntryIsKeptWhenNoneLooksLikeDebians() throws IOException {
    write("sources.list.d/local.list", "deb file:/srv/packages bookworm main\n");

    assertThat(AptSources.of(etc).oneLine())
        .containsExactly("deb file:/srv/packages bookworm main");
  }

  @Test
  void otherFilesAreNotRead() throws IOException {
    write("sources.list.d/old.list.save", "deb http://mirror.test/debian bookworm main\n");

    assertThat(AptSources.of(etc).isEmpty()).isTrue();
    assertThat(AptSources.of(etc.resolve("missing")).isEmpty()).isTrue();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(etc.resolve(name), text);
  }
}
