// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Debian's QEMU as a program of a guest: the binary, its libraries, and what it reads to start a
 * Linux on a PC without graphics.
 */
final class QemuFiles {
  static final String PACKAGE = "qemu-system-x86";
  private static final String PROGRAM = "usr/bin/qemu-system-x86_64";
  private static final String DATA = "usr/share/qemu/";

  /** By package: the BIOS, and the option ROMs that start a kernel and speed up the APIC's TPR. */
  private static final Map<String, List<String>> FIRMWARE =
      new TreeMap<>(
          Map.of(
              "seabios", List.of("usr/share/seabios/bios-256k.bin"),
              "qemu-system-data", List.of(DATA + "linuxboot_dma.bin", DATA + "kvmvapic.bin")));

  private QemuFiles() {}

  /**
   * Everything by its path in the guest.
   *
   * @param origin takes the versions of the packages that were used
   */
  static SortedMap<String, byte[]> fetch(
      Apt apt, GuestCache cache, SortedMap<String, String> origin)
      throws GuestException, IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    byte[] program = from(apt, cache, origin, PACKAGE, List.of(PROGRAM)).get(PROGRAM);
    String loader = ElfFile.read(program).interpreter();
    files.put(PROGRAM, program);
    for (Map.Entry<String, List<String>> firmware : FIRMWARE.entrySet()) {
      from(apt, cache, origin, firmware.getKey(), firmware.getValue())
          .forEach((path, data) -> files.put(DATA + path.replaceAll(".*/", ""), data));
    }
    new SharedLibraries(apt, cache, origin)
        .of(PACKAGE, program)
        .forEach((name, data) -> files.put(place(loader, name), data));
    return files;
  }

  private static Map<String, byte[]> from(
      Apt apt, GuestCache cache, SortedMap<String, String> origin, String name, List<String> paths)
      throws GuestException, IOException {
    Apt.Candidate candidate = apt.describe(name);
    origin.put("package." + name, candidate.version());
    PackageFiles files = new PackageFiles(apt.download(candidate, cache.downloads()));
    Map<String, byte[]> found = files.matching(paths::contains);
    for (String path : paths) {
      PackageFiles.require(found, path, name);
    }
    return found;
  }

  /** The loader lies where the program says, libraries where the loader looks without a cache. */
  private static String place(String loader, String library) {
    return loader != null && loader.endsWith("/" + library)
        ? loader.substring(1)
        : "lib/x86_64-linux-gnu/" + library;
  }
}
