// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The source tree with what the build made of it. */
final class Tree {
  static final Path ROOT = Path.of(System.getProperty("nestor.home", "../.."));

  private Tree() {}

  /**
   * One built bundle.
   *
   * @param folder its module
   * @param manifest what bnd wrote
   */
  record BuiltBundle(Path folder, Attributes manifest) {

    String name() {
      return folder.getFileName().toString();
    }

    boolean isApi() {
      return folder.getParent().getFileName().toString().equals("api");
    }

    Path classes() {
      return folder.resolve("target/classes");
    }

    Set<String> imports() {
      return packages(manifest.getValue("Import-Package"));
    }

    Set<String> exports() {
      return packages(manifest.getValue("Export-Package"));
    }

    @Override
    public String toString() {
      return name();
    }
  }

  /** Every module that must be a bundle. Fails if one of them was not built. */
  static List<BuiltBundle> bundles() throws IOException {
    List<BuiltBundle> bundles = new ArrayList<>();
    List<Path> folders = new ArrayList<>(children(ROOT.resolve("shell-commands")));
    for (Path layer : children(ROOT.resolve("bundles"))) {
      folders.addAll(children(layer));
    }
    for (Path folder : folders) {
      if (Files.exists(folder.resolve("pom.xml"))) {
        bundles.add(new BuiltBundle(folder, manifest(folder)));
      }
    }
    return bundles;
  }

  private static Attributes manifest(Path folder) {
    Path file = folder.resolve("target/classes/META-INF/MANIFEST.MF");
    try (InputStream in = Files.newInputStream(file)) {
      return new Manifest(in).getMainAttributes();
    } catch (IOException e) {
      throw new UncheckedIOException(
          folder + " is not built, or not in the modules of the root pom.xml: run ./nestor test",
          e);
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(Files::isDirectory).sorted().toList();
    }
  }

  /**
   * The package names of a manifest header, without attributes, whose quoted texts may hold commas.
   */
  static Set<String> packages(String header) {
    Set<String> names = new TreeSet<>();
    if (header != null) {
      Matcher clause = Pattern.compile("([^,;\"]+)((?:;[^,\"]*(?:\"[^\"]*\")?)*)").matcher(header);
      while (clause.find()) {
        names.add(clause.group(1).strip());
      }
    }
    return names;
  }
}
