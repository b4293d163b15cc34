// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import nestor.api.command.CommandIo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestsCommandTest {
  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private FakeDebian debian;
  private GuestCache cache;

  @BeforeEach
  void makeArchive() throws IOException {
    debian = FakeDebian.full(folder);
    cache = new GuestCache(folder.resolve("cache"));
  }

  @Test
  void fetchedLinuxHasKernelShellProgramsAndModules() throws Exception {
    assertThat(run("fetch", "linux")).isZero();

    var image = cache.find("linux-cloud").orElseThrow();
    assertThat(image.kernel()).hasContent("kernel 6.1.0-9-cloud-amd64");
    assertThat(image.facts())
        .containsEntry("release", "6.1.0-9-cloud-amd64")
        .containsEntry("package.busybox-static", "1:1.0-1");
    Map<String, CpioEntry> files = initramfs();
    String modules = "lib/modules/6.1.0-9-cloud-amd64/";
    assertThat(files)
        .containsKeys("init", "bin/busybox", "bin/bench", "bin/minivmm", "proc", "dev");
    assertThat(files.get("init").permissions()).isEqualTo(0x1ED);
    assertThat(files).doesNotContainKey(modules + "kernel/sound/snd.ko");
    assertThat(files.get(modules + "modules.dep").data())
        .asString()
        .contains(
            "kernel/kvm/kvm-amd.ko: kernel/crypto/ccp-new.ko kernel/kvm/kvm.ko"
                + " kernel/lib/irqbypass.ko\n",
            "kernel/lib/irqbypass.ko:\n");
    assertThat(cache.find("linux-generic")).isPresent();
  }

  @Test
  void theSamePackagesGiveTheSameBytes() throws Exception {
    run("fetch", "linux");
    byte[] first = Files.readAllBytes(cache.folder("linux-cloud").resolve("initrd"));
    run("remove", "linux");

    run("fetch", "linux");

    assertThat(cache.folder("linux-cloud").resolve("initrd")).hasBinaryContent(first);
  }

  @Test
  void aSecondFetchChangesNothingUnlessDebianDid() throws Exception {
    run("fetch", "linux");
    run("fetch", "linux");
    assertThat(text(err)).contains("linux-cloud is up to date", "linux-generic is up to date");

    debian.depends("linux-image-cloud-amd64", "linux-image-6.1.0-10-cloud-amd64");
    debian.addKernel("6.1.0-10-cloud-amd64", "6.1.10-1");
    assertThat(run("fetch", "linux")).isZero();

    assertThat(text(err)).contains("linux-cloud is ready", "linux-generic is up to date");
    assertThat(cache.find("linux-cloud").orElseThrow().facts())
        .containsEntry("release", "6.1.0-10-cloud-amd64");
  }

  @Test
  void aDamagedGuestIsMadeAnew() throws Exception {
    run("fetch", "linux");
    Path initrd = cache.folder("linux-cloud").resolve("initrd");
    byte[] whole = Files.readAllBytes(initrd);
    Files.write(initrd, Arrays.copyOf(whole, 10));

    run("fetch", "linux");

    assertThat(initrd).hasBinaryContent(whole);
  }

  @Test
  void aPackageThatCannotBeUnpackedLeavesNoGuest() throws Exception {
    String name = "linux-image-6.1.0-9-cloud-amd64";
    byte[] bytes = Files.readAllBytes(debian.file(name));
    Arrays.fill(bytes, bytes.length - 100, bytes.length, (byte) 0);
    debian.add(name, "6.1.9-1", bytes);

    assertThat(run("fetch", "linux")).isEqualTo(6);

    assertThat(text(err).lines().filter(line -> line.startsWith("nestor guests:"))).hasSize(1);
    assertThat(text(err)).contains("linux-image-6.1.0-9-cloud-amd64");
    assertThat(cache.list()).isEmpty();
  }

  @Test
  void aKeptDownloadThatWasDamagedIsBroughtAgain() throws Exception {
    run("fetch", "memtest");
    run("remove", "memtest");
    Path deb = cache.downloads().resolve("memtest86+_6.10-4_amd64.deb");
    byte[] whole = Files.readAllBytes(deb);
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 1;
    Files.write(deb, damaged);

    assertThat(run("fetch", "memtest")).isZero();

    assertThat(deb).hasBinaryContent(whole);
  }

  @Test
  void memtestComesInTwoBuilds() throws Exception {
    assertThat(run("fetch", "memtest64")).isZero();

    assertThat(cache.find("memtest32").orElseThrow().kernel()).hasContent("32");
    assertThat(cache.find("memtest64").orElseThrow().kernel()).hasContent("64");
    assertThat(cache.find("memtest64").orElseThrow().initrd()).isEmpty();
  }

  @Test
  void theListTellsWhatIsThere() throws Exception {
    run("fetch", "memtest");

    assertThat(run()).isZero();

    assertThat(text(out))
        .containsPattern("memtest64 +ready +memtest86\\+ 6\\.10-4")
        .containsPattern("linux-cloud +not fetched")
        .contains(cache.root().toString());
  }

  @Test
  void anImageOfAnOlderNestorIsListedAsOutdated() throws Exception {
    run("fetch", "linux");
    Path facts = cache.folder("linux-cloud").resolve("guest.properties");
    Files.writeString(facts, Files.readString(facts).replaceAll("initramfs=.*", "initramfs=older"));

    run("list");

    assertThat(text(out))
        .containsPattern("linux-cloud +outdated")
        .containsPattern("linux-generic +ready");
  }

  @Test
  void pathPrintsTheFolderForScripts() throws Exception {
    run("fetch", "linux");

    assertThat(run("path", "linux")).isZero();

    assertThat(text(out).strip()).isEqualTo(cache.folder("linux-cloud").toString());
  }

  @Test
  void pathOfWhatWasNotFetchedSaysHowToFetchIt() throws Exception {
    assertThat(run("path", "linux-generic")).isEqualTo(6);

    assertThat(text(err)).contains("not fetched", "nestor guests fetch linux");
  }

  @Test
  void removedGuestsAndDownloadsAreGone() throws Exception {
    run("fetch", "linux", "memtest");

    assertThat(run("remove", "linux", "downloads")).isZero();

    assertThat(cache.find("linux-cloud")).isEmpty();
    assertThat(cache.find("memtest64")).isPresent();
    assertThat(cache.downloads()).doesNotExist();
    run("remove", "linux");
    assertThat(text(err)).contains("linux-cloud: was not there");
  }

  @Test
  void unknownWordsGetASuggestion() throws Exception {
    assertThat(run("fetch", "linxu")).isEqualTo(6);
    assertThat(text(err)).contains("there is no guest linxu, did you mean linux?");
    assertThat(run("fecth", "linux")).isEqualTo(2);
    assertThat(text(err)).contains("did you mean fetch?");
    assertThat(run("fetch", "windows")).isEqualTo(6);
    assertThat(text(err)).contains("there are linux, linux-cloud");
  }

  @Test
  void wrongUsesExitWithTwo() throws Exception {
    assertThat(run("fetch")).isEqualTo(2);
    assertThat(run("path")).isEqualTo(2);
    assertThat(run("path", "a", "b")).isEqualTo(2);
    assertThat(run("remove")).isEqualTo(2);
    assertThat(run("list", "x")).isEqualTo(2);
  }

  @Test
  void anUnknownNameIsRefusedBeforeAnythingIsFetched() throws Exception {
    assertThat(run("fetch", "linux", "nonsense")).isEqualTo(6);

    assertThat(cache.root()).doesNotExist();
  }

  @Test
  void helpFitsATerminalAndNamesEveryGuest() throws Exception {
    assertThat(run("help")).isZero();

    assertThat(text(out)).contains("memtest32", "linux-generic", "NESTOR_CACHE");
    assertThat(text(out).lines()).allMatch(line -> line.length() <= 80);
  }

  private Map<String, CpioEntry> initramfs() throws Exception {
    Map<String, CpioEntry> files = new TreeMap<>();
    Path initrd = cache.folder("linux-cloud").resolve("initrd");
    CpioReader.read(Files.readAllBytes(initrd)).forEach(entry -> files.put(entry.name(), entry));
    return files;
  }

  private int run(String... args) throws IOException {
    out.reset();
    err.reset();
    GuestsCommand command =
        new GuestsCommand(
            cache,
            (state, progress) ->
                debian.apt(state, path -> Long.MAX_VALUE, List.of(debian.programs), progress));
    return command.run(List.of(args), new CapturedIo());
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private final class CapturedIo implements CommandIo {
    @Override
    public InputStream in() {
      return InputStream.nullInputStream();
    }

    @Override
    public PrintStream out() {
      return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    @Override
    public PrintStream err() {
      return new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    @Override
    public boolean isTerminal() {
      return false;
    }

    @Override
    public int columns() {
      return 80;
    }

    @Override
    public Path directory() {
      return folder;
    }

    @Override
    public Path home() {
      return folder;
    }

    @Override
    public void onCancel(Runnable hook) {}
  }
}
