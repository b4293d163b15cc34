// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A Linux that is a hypervisor's host: Debian's cloud kernel with KVM, and the same as its guest.
 */
final class NestedRecipe implements Recipe {
  private static final String NAME = "nested";
  private static final String KERNEL = "linux-image-cloud-amd64";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Debian's cloud kernel with KVM, which runs itself as L2";
  }

  @Override
  public List<String> images() {
    return List.of(NAME);
  }

  @Override
  public void fetch(Apt apt, GuestCache cache, Consumer<String> progress)
      throws GuestException, IOException {
    Apt.Candidate busybox = apt.describe(LinuxRecipe.BUSYBOX);
    Apt.Candidate kernel = apt.describe(apt.resolve(KERNEL, "linux-image-"));
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put("package." + kernel.name(), kernel.version());
    origin.put("package." + busybox.name(), busybox.version());
    origin.put("initramfs", Initramfs.fingerprint());
    origin.put("l1", Initramfs.hostFingerprint());
    if (cache.isIntact(NAME, origin)) {
      progress.accept(NAME + " is up to date: " + cache.folder(NAME));
      return;
    }
    byte[] shell = LinuxRecipe.busybox(apt.download(busybox, cache.downloads()));
    Path deb = apt.download(kernel, cache.downloads());
    progress.accept("Unpacking " + deb.getFileName());
    cache.install(NAME, LinuxRecipe.files(deb, shell, origin, true), origin);
    progress.accept(NAME + " is ready: " + cache.folder(NAME));
  }
}
