// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptTest {
  @TempDir private Path folder;

  private FakeDebian debian;
  private Path state;

  @BeforeEach
  void makeArchive() throws IOException {
    debian = FakeDebian.full(folder);
    state = Files.createDirectory(folder.resolve("state"));
  }

  @Test
  void metapackagesAreFollowedAndPackagesDownloadedOnce() throws Exception {
    Apt apt = debian.apt(state);
    Path target = folder.resolve("target");

    apt.update();
    String name = apt.resolve("linux-image-cloud-amd64", "linux-image-");
    Path first = apt.download(apt.describe(name), target);
    debian.aptGet("exit 1\n");
    Path second = apt.download(apt.describe(name), target);

    assertThat(name).isEqualTo("linux-image-6.1.0-9-cloud-amd64");
    assertThat(first).exists().isEqualTo(second);
    assertThat(target).isDirectoryNotContaining("glob:**/.partial-*");
  }

  @Test
  void allStateOfTheClientIsPrivate() throws Exception {
    debian.apt(state).update();

    String config = Files.readString(state.resolve("apt.conf"));
    for (String setting :
        List.of("State", "State::lists", "State::status", "Cache", "Cache::archives", "Log")) {
      assertThat(config).contains("Dir::" + setting + " \"" + state);
    }
    assertThat(config)
        .contains("Dir::Etc::sourceparts \"" + state, "#clear APT::Update::Post-Invoke");
    assertThat(state.resolve("sources/debian.list"))
        .hasContent("deb http://mirror.test/debian bookworm main");
  }

  @Test
  void aMissingClientIsExplainedWithWhatElseCanBeDone() {
    Apt apt = debian.apt(state, path -> Long.MAX_VALUE, List.of(folder), debian.progress::add);

    assertThatThrownBy(apt::update)
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("apt-get")
        .hasMessageContaining("not on this machine")
        .hasMessageContaining("--kernel");
  }

  @Test
  void beingOfflineIsSaid() throws Exception {
    debian.aptGet("echo \"W: Failed to fetch x  Temporary failure resolving 'mirror.test'\"\n");

    assertThatThrownBy(() -> debian.apt(state).update())
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("offline");
  }

  @Test
  void olderListsServeWhenTheyCannotBeRenewed() throws Exception {
    Apt apt = debian.apt(state);
    apt.update();
    debian.aptGet("exit 100\n");

    apt.update();

    assertThat(debian.progress).anyMatch(line -> line.contains("Not all package lists"));
  }

  @Test
  void aFullDiskIsSaid() throws Exception {
    Apt apt = debian.apt(state);
    apt.update();
    debian.aptGet(
        "echo 'E: write, still have 1 - write (28: No space left on device)'; exit 100\n");

    assertThatThrownBy(() -> apt.download(apt.describe("busybox-static"), folder.resolve("target")))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("busybox-static")
        .hasMessageContaining("full");
  }

  @Test
  void tooLittleSpaceIsSaidBeforeAnythingIsFetched() throws Exception {
    long free = 50 << 20;
    Apt apt = debian.apt(state, path -> free, List.of(debian.programs), debian.progress::add);

    assertThatThrownBy(apt::update)
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("120 MiB are needed")
        .hasMessageContaining("50 MiB are free");
    assertThat(debian.progress).isEmpty();
  }

  @Test
  void aClientThatGetsStuckIsEnded() throws Exception {
    debian.aptGet("echo started; sleep 100\n");
    debian.patienceSeconds = 1;
    long before = ProcessHandle.current().descendants().count();

    assertThatThrownBy(() -> debian.apt(state).update())
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("no progress");
    assertThat(ProcessHandle.current().descendants().count()).isEqualTo(before);
  }

  @Test
  void aClientThatGetsStuckOnAFullDiskIsUnderstood() throws Exception {
    debian.apt(state).update();
    Path target = folder.resolve("target");
    Apt.Candidate busybox = debian.apt(state).describe("busybox-static");
    debian.aptGet("sleep 100\n");
    debian.patienceSeconds = 1;
    Apt apt =
        debian.apt(
            state,
            path -> path.equals(state) ? 0 : Long.MAX_VALUE,
            List.of(debian.programs),
            debian.progress::add);

    assertThatThrownBy(() -> apt.download(busybox, target))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("full");
  }

  @Test
  void aDownloadOfTheWrongSizeIsRefused() throws Exception {
    Path file = debian.file("busybox-static");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
    Apt apt = debian.apt(state);
    apt.update();

    assertThatThrownBy(() -> apt.download(apt.describe("busybox-static"), folder.resolve("target")))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("could not be downloaded");
  }

  @Test
  void aListThatCouldNotBeFetchedIsTheReasonForAMissingPackage() throws Exception {
    Apt apt = debian.apt(state);
    apt.update();
    debian.aptGet("echo 'W: Failed to fetch x  Could not connect to mirror.test:80'\n");
    apt.update();

    assertThatThrownBy(() -> apt.describe("nothing"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("do not offer nothing")
        .hasMessageContaining("offline");
  }

  @Test
  void nothingIsStartedAfterACancellation() throws Exception {
    Apt apt = debian.apt(state);
    apt.update();

    apt.cancel();

    assertThatThrownBy(() -> apt.describe("busybox-static"))
        .isInstanceOf(GuestException.class)
        .hasMessage("cancelled");
  }

  @Test
  void aSystemWithoutSourcesIsToldSo() throws Exception {
    Files.delete(debian.etc.resolve("sources.list"));

    assertThatThrownBy(() -> debian.apt(state).update())
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("no package sources");
  }

  @Test
  void aPackageThatTheSourcesLackIsNamed() throws Exception {
    Apt apt = debian.apt(state);
    apt.update();

    assertThatThrownBy(() -> apt.describe("nothing"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("do not offer nothing");
    assertThatThrownBy(() -> apt.resolve("linux-image-huge", "linux-image-"))
        .isInstanceOf(GuestException.class)
        .hasMessageContaining("do not offer linux-image-huge");
  }
}
