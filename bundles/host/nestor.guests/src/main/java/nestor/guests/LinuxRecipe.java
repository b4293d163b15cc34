// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Debian's kernels, cloud and generic, each with a busybox initramfs of our own. */
final class LinuxRecipe implements Recipe {
  private static final Map<String, String> KERNELS =
      new TreeMap<>(
          Map.of(
              "linux-cloud", "linux-image-cloud-amd64",
              "linux-generic", "linux-image-amd64"));
  static final String BUSYBOX = "busybox-static";
  private static final String KERNEL = "boot/vmlinuz-";

  @Override
  public String name() {
    return "linux";
  }

  @Override
  public String summary() {
    return "Debian's cloud and generic kernels with a busybox shell";
  }

  @Override
  public List<String> images() {
    return List.copyOf(KERNELS.keySet());
  }

  @Override
  public void fetch(Apt apt, GuestCache cache, Consumer<String> progress)
      throws GuestException, IOException {
    Apt.Candidate busybox = apt.describe(BUSYBOX);
    for (Map.Entry<String, String> flavour : KERNELS.entrySet()) {
      String image = flavour.getKey();
      Apt.Candidate kernel = apt.describe(apt.resolve(flavour.getValue(), "linux-image-"));
      SortedMap<String, String> origin = new TreeMap<>();
      origin.put("package." + kernel.name(), kernel.version());
      origin.put("package." + busybox.name(), busybox.version());
      origin.put("initramfs", Initramfs.fingerprint());
      if (cache.isIntact(image, origin)) {
        progress.accept(image + " is up to date: " + cache.folder(image));
        continue;
      }
      byte[] shell = busybox(apt.download(busybox, cache.downloads()));
      Path deb = apt.download(kernel, cache.downloads());
      progress.accept("Unpacking " + deb.getFileName());
      cache.install(image, files(deb, shell, origin), origin);
      progress.accept(image + " is ready: " + cache.folder(image));
    }
  }

  /** Packs the image, and adds the kernel's release to what is known of its origin. */
  private static SortedMap<String, byte[]> files(
      Path deb, byte[] shell, SortedMap<String, String> origin) throws GuestException {
    return image(deb, origin, (kernel, modules) -> Initramfs.of(shell, modules));
  }

  /**
   * The same of an image that runs the same kernel again, as a guest of its own.
   *
   * @param more further files of its initramfs, by path
   */
  static SortedMap<String, byte[]> nestedFiles(
      Path deb, byte[] shell, SortedMap<String, String> origin, SortedMap<String, byte[]> more)
      throws GuestException {
    return image(
        deb,
        origin,
        (kernel, modules) ->
            Initramfs.withGuest(Initramfs.of(shell, modules), shell, kernel, more));
  }

  /** Makes an initramfs for a kernel. */
  private interface Packer {
    CpioArchive pack(byte[] kernel, KernelModules modules);
  }

  private static SortedMap<String, byte[]> image(
      Path deb, SortedMap<String, String> origin, Packer packer) throws GuestException {
    PackageFiles files = new PackageFiles(deb);
    SortedMap<String, byte[]> found =
        files.matching(path -> path.startsWith(KERNEL) || KernelModules.isWanted(path));
    String kernel =
        found.keySet().stream()
            .filter(path -> path.startsWith(KERNEL))
            .findFirst()
            .orElseThrow(
                () -> new GuestException("the package " + deb.getFileName() + " has no " + KERNEL));
    String release = kernel.substring(KERNEL.length());
    origin.put("release", release);
    SortedMap<String, byte[]> image = new TreeMap<>();
    image.put(GuestCache.KERNEL, found.get(kernel));
    KernelModules modules = KernelModules.of(files, found, release);
    image.put(GuestCache.INITRD, packer.pack(found.get(kernel), modules).toBytes());
    return image;
  }

  static byte[] busybox(Path deb) throws GuestException {
    SortedMap<String, byte[]> files = new PackageFiles(deb).matching("(usr/)?bin/busybox");
    if (files.isEmpty()) {
      throw new GuestException("the package " + BUSYBOX + " has no bin/busybox");
    }
    return files.firstEntry().getValue();
  }
}
