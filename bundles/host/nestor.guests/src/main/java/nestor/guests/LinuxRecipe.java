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
  private static final String BUSYBOX = "busybox-static";

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
    byte[] shell = busybox(apt.download(busybox, cache.downloads()));
    for (Map.Entry<String, String> kernel : KERNELS.entrySet()) {
      Apt.Candidate candidate = apt.describe(apt.resolve(kernel.getValue(), "linux-image-"));
      Path deb = apt.download(candidate, cache.downloads());
      progress.accept("Unpacking " + deb.getFileName());
      SortedMap<String, byte[]> files = new PackageFiles(deb).matching("boot/vmlinuz-.*");
      if (files.isEmpty()) {
        throw new GuestException("the package " + candidate.name() + " has no boot/vmlinuz");
      }
      SortedMap<String, byte[]> image = new TreeMap<>();
      image.put(GuestCache.KERNEL, files.firstEntry().getValue());
      image.put(GuestCache.INITRD, Initramfs.withShell(shell).toBytes());
      SortedMap<String, String> facts = new TreeMap<>();
      facts.put("package." + candidate.name(), candidate.version());
      facts.put("package." + busybox.name(), busybox.version());
      facts.put("release", files.firstKey().substring("boot/vmlinuz-".length()));
      facts.put("initramfs", Initramfs.fingerprint());
      cache.install(kernel.getKey(), image, facts);
      progress.accept(kernel.getKey() + ": " + cache.folder(kernel.getKey()));
    }
  }

  private static byte[] busybox(Path deb) throws GuestException {
    SortedMap<String, byte[]> files = new PackageFiles(deb).matching("(usr/)?bin/busybox");
    if (files.isEmpty()) {
      throw new GuestException("the package " + BUSYBOX + " has no bin/busybox");
    }
    return files.firstEntry().getValue();
  }
}
