// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Our user space in a guest: the init program, the shell's settings and the benchmark programs. */
final class Initramfs {
  private static final int PROGRAM = 0x1ED;
  private static final int TEXT = 0x1A4;

  private static final String HOST_SCRIPT = "l1.sh";

  private static final Map<String, Integer> OURS =
      new TreeMap<>(
          Map.of(
              "init", PROGRAM,
              "etc/inittab", TEXT,
              "etc/profile", TEXT,
              "bin/bench", PROGRAM,
              "bin/minivmm", PROGRAM));

  private Initramfs() {}

  static CpioArchive of(byte[] busybox, KernelModules modules) {
    CpioArchive archive = new CpioArchive();
    for (String folder : new String[] {"dev", "mnt", "proc", "root", "sys", "tmp", "usr/bin"}) {
      archive.add(CpioEntry.folder(folder));
    }
    archive.addFile("bin/busybox", PROGRAM, busybox);
    for (Map.Entry<String, Integer> file : OURS.entrySet()) {
      archive.addFile(file.getKey(), file.getValue(), resource(file.getKey()));
    }
    modules.addTo(archive);
    return archive;
  }

  /** Changes whenever one of our files does, so that an outdated image can be told. */
  static String fingerprint() {
    return GuestFacts.digest(
        OURS.keySet().stream().map(Initramfs::resource).toArray(byte[][]::new));
  }

  /**
   * Makes the image that of a hypervisor's host: with a script of its own, what its guest boots,
   * and further files by path.
   */
  static CpioArchive withGuest(
      CpioArchive archive, byte[] busybox, byte[] kernel, SortedMap<String, byte[]> more) {
    archive.addFile(HOST_SCRIPT, TEXT, resource(HOST_SCRIPT));
    archive.addFile("l2/vmlinuz", TEXT, kernel);
    archive.addFile("l2/initrd", TEXT, of(busybox, KernelModules.none()).toBytes());
    more.forEach((path, data) -> archive.addFile(path, PROGRAM, data));
    return archive;
  }

  /** Changes whenever the host's script does. */
  static String hostFingerprint() {
    return GuestFacts.digest(resource(HOST_SCRIPT));
  }

  /** One of the programs in {@code bin}. */
  static byte[] program(String name) {
    String path = "bin/" + name;
    if (!OURS.containsKey(path)) {
      throw new IllegalArgumentException("no guest program " + name);
    }
    return resource(path);
  }

  private static byte[] resource(String name) {
    String path = "initramfs/" + name;
    try (InputStream in = Initramfs.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("missing from this bundle: " + path);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }
}
