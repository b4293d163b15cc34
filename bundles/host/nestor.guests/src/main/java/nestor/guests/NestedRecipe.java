// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import nestor.api.guests.GuestImage;

/**
 * A Linux that is a hypervisor's host: Debian's cloud kernel with KVM, and the same as its guest;
 * once with our small VMM alone, once with Debian's QEMU.
 */
final class NestedRecipe implements Recipe {
  private static final String NAME = "nested";
  private static final String WITH_QEMU = "nested-qemu";
  private static final String KERNEL = "linux-image-cloud-amd64";
  private static final String PACKAGE = "package.";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "the cloud kernel with KVM, which runs itself; also by QEMU";
  }

  @Override
  public List<String> images() {
    return List.of(NAME, WITH_QEMU);
  }

  @Override
  public void fetch(Apt apt, GuestCache cache, Consumer<String> progress)
      throws GuestException, IOException {
    Apt.Candidate busybox = apt.describe(LinuxRecipe.BUSYBOX);
    Apt.Candidate kernel = apt.describe(apt.resolve(KERNEL, "linux-image-"));
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put(PACKAGE + kernel.name(), kernel.version());
    origin.put(PACKAGE + busybox.name(), busybox.version());
    origin.put("initramfs", Initramfs.fingerprint());
    origin.put("l1", Initramfs.hostFingerprint());
    for (String image : images()) {
      if (cache.isIntact(image, origin) && isCurrent(image, apt, cache)) {
        progress.accept(image + " is up to date: " + cache.folder(image));
        continue;
      }
      SortedMap<String, String> whole = new TreeMap<>(origin);
      SortedMap<String, byte[]> more = new TreeMap<>();
      if (image.equals(WITH_QEMU)) {
        more.putAll(QemuFiles.fetch(apt, cache, whole));
      }
      byte[] shell = LinuxRecipe.busybox(apt.download(busybox, cache.downloads()));
      Path deb = apt.download(kernel, cache.downloads());
      progress.accept("Unpacking " + deb.getFileName());
      cache.install(image, LinuxRecipe.nestedFiles(deb, shell, whole, more), whole);
      progress.accept(image + " is ready: " + cache.folder(image));
    }
  }

  /** Whether all packages that an image was made from are still the ones that Debian offers. */
  private static boolean isCurrent(String image, Apt apt, GuestCache cache)
      throws GuestException, IOException {
    Optional<GuestImage> present = cache.find(image);
    if (present.isEmpty()) {
      return false;
    }
    Map<String, String> facts = present.get().facts();
    List<String> names = new ArrayList<>();
    for (String key : facts.keySet()) {
      if (key.startsWith(PACKAGE)) {
        names.add(key.substring(PACKAGE.length()));
      }
    }
    for (Apt.Candidate candidate : apt.describe(names)) {
      if (!candidate.version().equals(facts.get(PACKAGE + candidate.name()))) {
        return false;
      }
    }
    return true;
  }
}
