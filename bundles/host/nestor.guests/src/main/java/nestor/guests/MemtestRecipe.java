// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** memtest86+, both builds, which boot like a Linux kernel. */
final class MemtestRecipe implements Recipe {
  private static final String PACKAGE = "memtest86+";
  private static final Map<String, String> BUILDS =
      new TreeMap<>(
          Map.of(
              "memtest32", "boot/memtest86+ia32.bin",
              "memtest64", "boot/memtest86+x64.bin"));

  @Override
  public String name() {
    return "memtest";
  }

  @Override
  public String summary() {
    return "memtest86+, 32-bit and 64-bit";
  }

  @Override
  public List<String> images() {
    return List.copyOf(BUILDS.keySet());
  }

  @Override
  public void fetch(Apt apt, GuestCache cache, Consumer<String> progress)
      throws GuestException, IOException {
    Apt.Candidate candidate = apt.describe(PACKAGE);
    SortedMap<String, String> origin = new TreeMap<>();
    origin.put("package." + candidate.name(), candidate.version());
    for (Map.Entry<String, String> build : BUILDS.entrySet()) {
      String image = build.getKey();
      if (cache.isIntact(image, origin)) {
        progress.accept(image + " is up to date: " + cache.folder(image));
        continue;
      }
      Path deb = apt.download(candidate, cache.downloads());
      SortedMap<String, byte[]> files = new PackageFiles(deb).matching(build.getValue()::equals);
      SortedMap<String, byte[]> kernel = new TreeMap<>();
      kernel.put(GuestCache.KERNEL, PackageFiles.require(files, build.getValue(), PACKAGE));
      cache.install(image, kernel, origin);
      progress.accept(image + " is ready: " + cache.folder(image));
    }
  }
}
