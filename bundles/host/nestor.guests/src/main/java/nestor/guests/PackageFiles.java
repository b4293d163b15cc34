// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Files of a package, read into memory. */
final class PackageFiles {
  private final Path deb;

  PackageFiles(Path deb) {
    this.deb = deb;
  }

  /** Those whose whole path matches {@code regex}, by path. */
  SortedMap<String, byte[]> matching(String regex) throws GuestException {
    Pattern pattern = Pattern.compile(regex);
    SortedMap<String, byte[]> files = new TreeMap<>();
    new DebPackage(deb)
        .visit(
            new TarReader.Visitor() {
              @Override
              public boolean wants(String name) {
                return pattern.matcher(name).matches();
              }

              @Override
              public void file(String name, int permissions, byte[] data) {
                files.put(name, data);
              }
            });
    return files;
  }

  static byte[] require(Map<String, byte[]> files, String path, String name)
      throws GuestException {
    byte[] data = files.get(path);
    if (data == null) {
      throw new GuestException("the package " + name + " has no " + path + "; was it reorganised?");
    }
    return data;
  }
}
