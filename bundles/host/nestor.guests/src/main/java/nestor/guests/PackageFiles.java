// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Files of a package, read into memory. */
final class PackageFiles {
  private final Path deb;

  PackageFiles(Path deb) {
    this.deb = deb;
  }

  /** Those whose whole path matches {@code regex}, by path. */
  SortedMap<String, byte[]> matching(String regex) throws GuestException {
    return matching(Pattern.compile(regex).asMatchPredicate());
  }

  /** Those whose path is wanted, by path. */
  SortedMap<String, byte[]> matching(Predicate<String> wanted) throws GuestException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    new DebPackage(deb)
        .visit(
            new TarReader.Visitor() {
              @Override
              public boolean wants(String name) {
                return wanted.test(name);
              }

              @Override
              public void file(String name, int permissions, byte[] data) {
                files.put(name, data);
              }
            });
    return files;
  }

  static byte[] require(Map<String, byte[]> files, String path, String name) throws GuestException {
    byte[] data = files.get(path);
    if (data == null) {
      throw new GuestException("the package " + name + " has no " + path);
    }
    return data;
  }
}
