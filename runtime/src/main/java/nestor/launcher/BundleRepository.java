// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the jar of a bundle lies: our own where their modules built them, those of others in the
 * {@code repo} folder of the module {@code runtime}.
 */
final class BundleRepository {
  private static final String OUR_GROUP = "nestor";

  /** Where in each module the build went; the start script keeps a build of its own. */
  private static final String BUILT = System.getProperty("nestor.built", "target");

  private final Path home;

  /** Folder of each of our modules by its name, filled at first use. */
  private Map<String, Path> modules;

  BundleRepository(Path home) {
    this.home = home;
  }

  /** Finds the jar of {@code group:artifact:version}. */
  Path find(String id) throws IOException {
    String[] parts = id.split(":", -1);
    String file = parts[1] + "-" + parts[2] + ".jar";
    Path jar;
    if (parts[0].equals(OUR_GROUP)) {
      Path module = modules().get(parts[1]);
      if (module == null) {
        throw new IOException("a feature lists " + parts[1] + ", but there is no such module");
      }
      jar = module.resolve(BUILT).resolve(file);
    } else {
      jar = home.resolve("runtime").resolve(BUILT).resolve("repo").resolve(file);
    }
    if (!Files.exists(jar)) {
      throw new IOException(
          jar + " is missing: build first, or add it to runtime/pom.xml if a feature is new");
    }
    return jar;
  }

  private Map<String, Path> modules() throws IOException {
    if (modules == null) {
      modules = new HashMap<>();
      addModules(home.resolve("shell-commands"));
      try (DirectoryStream<Path> layers = Files.newDirectoryStream(home.resolve("bundles"))) {
        for (Path layer : layers) {
          addModules(layer);
        }
      }
    }
    return modules;
  }

  private void addModules(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      for (Path module : found) {
        modules.put(module.getFileName().toString(), module);
      }
    }
  }
}
