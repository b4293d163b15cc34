// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A package archive of a few tiny packages, behind stand-ins for apt-get and apt-cache: shell
 * scripts which understand what {@link Apt} asks.
 */
final class FakeDebian {
  final Path programs;
  final Path etc;
  final List<String> progress = new ArrayList<>();
  private final Path pool;

  /** How long the client may be silent: long, since the machine of the tests may be busy. */
  int patienceSeconds = 60;

  FakeDebian(Path folder) throws IOException {
    programs = Files.createDirectories(folder.resolve("bin"));
    etc = Files.createDirectories(folder.resolve("etc/apt"));
    pool = Files.createDirectories(folder.resolve("pool"));
    Files.writeString(etc.resolve("sources.list"), "deb http://mirror.test/debian bookworm main\n");
    aptGet(
        """
        case "$*" in
          *update) sed -n 's/Dir::State::lists "\\(.*\\)";/\\1/p' "$2" > "$2.lists"
            touch "$(cat "$2.lists")/test_Packages" ;;
          *download*) p=${*##* }; cp @/"${p%%=*}"_*.deb . ;;
        esac
        """);
    script(
        "apt-cache",
        """
        for last; do :; done
        case "$*" in
          *depends*) cat @/"$last.depends" ;;
          *show*) shift 4; for name; do cat @/"$name.show" || exit 100; echo; done ;;
        esac 2>/dev/null || { echo "N: Unable to locate package $last"; exit 100; }
        """);
  }

  /** What a whole archive offers: both kernels, busybox and memtest86+. */
  static FakeDebian full(Path folder) throws IOException {
    FakeDebian debian = new FakeDebian(folder);
    debian.add("busybox-static", "1:1.0-1", Map.of("bin/busybox", TinyDeb.ascii("busybox")));
    for (String flavour : List.of("", "cloud-")) {
      String release = "6.1.0-9-" + flavour + "amd64";
      debian.depends("linux-image-" + flavour + "amd64", "linux-image-" + release);
      debian.addKernel(release, "6.1.9-1");
    }
    debian.add(
        "memtest86+",
        "6.10-4",
        Map.of(
            "boot/memtest86+x64.bin", TinyDeb.ascii("64"),
            "boot/memtest86+ia32.bin", TinyDeb.ascii("32")));
    return debian;
  }

  void addKernel(String release, String version) throws IOException {
    String modules = "lib/modules/" + release + "/kernel/";
    Map<String, byte[]> files = new TreeMap<>();
    files.put("boot/vmlinuz-" + release, TinyDeb.ascii("kernel " + release));
    files.put(modules + "kvm/kvm-amd.ko", module("kvm,ccp-new"));
    files.put(modules + "kvm/kvm.ko", module("irqbypass"));
    files.put(modules + "lib/irqbypass.ko", module(""));
    files.put(modules + "crypto/ccp-new.ko", module(""));
    files.put(modules + "sound/snd.ko", module(""));
    add("linux-image-" + release, version, files);
  }

  private static byte[] module(String depends) {
    return TinyDeb.ascii("\u007fELF\0license=GPL\0depends=" + depends + "\0name=x\0");
  }

  void add(String name, String version, Map<String, byte[]> files) throws IOException {
    add(name, version, TinyDeb.of(files));
  }

  void add(String name, String version, byte[] deb) throws IOException {
    String file = name + "_" + version.replace(":", "%3a") + "_amd64.deb";
    Files.write(pool.resolve(file), deb);
    Files.writeString(
        pool.resolve(name + ".show"),
        "Package: "
            + name
            + "\nVersion: "
            + version
            + "\nSize: "
            + deb.length
            + "\nSHA256: "
            + GuestFacts.digest(deb)
            + "\n");
  }

  /** The pool's file of a package, for a test to damage. */
  Path file(String prefix) throws IOException {
    try (var files = Files.list(pool)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix + "_"))
          .findFirst()
          .orElseThrow();
    }
  }

  void depends(String name, String... on) throws IOException {
    String lines = String.join("\n  Depends: ", on);
    Files.writeString(pool.resolve(name + ".depends"), name + "\n  Depends: " + lines + "\n");
  }

  void aptGet(String body) throws IOException {
    script("apt-get", body);
  }

  private void script(String name, String body) throws IOException {
    Path file = programs.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body.replace("@", pool.toString()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  Apt apt(Path folder) {
    return apt(folder, path -> Long.MAX_VALUE, List.of(programs), progress::add);
  }

  Apt apt(Path folder, DiskSpace disk, List<Path> searchPath, Consumer<String> listener) {
    return new Apt(folder, new Apt.Host(etc, searchPath, patienceSeconds, disk), listener);
  }
}
