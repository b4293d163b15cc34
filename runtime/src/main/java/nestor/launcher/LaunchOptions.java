// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What to start the framework with. Immutable.
 *
 * @param home root of the Nestor tree
 * @param features names of files in {@code features/}, in order
 * @param properties framework properties, which bundles read from their context
 */
public record LaunchOptions(Path home, List<String> features, Map<String, String> properties) {

  private static final String HOT_FEATURE = "hot";

  /** {@return options that install these features} */
  public static LaunchOptions of(Path home, String... features) {
    return new LaunchOptions(home, Arrays.asList(features), Map.of());
  }

  /**
   * {@return options that install everything but the interactive shell, from the tree that the
   * working directory is in} This is what tests start from.
   */
  public static LaunchOptions headless() {
    return of(findHome(), "base", "machine", "commands", "verbs");
  }

  /** {@return the same with one more feature} */
  public LaunchOptions with(String feature) {
    List<String> more = new ArrayList<>(features);
    more.add(feature);
    return new LaunchOptions(home, more, properties);
  }

  /** {@return the same with one more framework property} */
  public LaunchOptions with(String property, String value) {
    Map<String, String> more = new LinkedHashMap<>(properties);
    more.put(property, value);
    return new LaunchOptions(home, features, more);
  }

  /** {@return the same with a folder that bundles can be dropped into while Nestor runs} */
  public LaunchOptions withHotFolder(Path folder) {
    return with(HOT_FEATURE)
        .with("felix.fileinstall.dir", folder.toString())
        .with("felix.fileinstall.poll", "100") // milliseconds; also bounds the time to stop
        .with("felix.fileinstall.noInitialDelay", "true")
        .with("felix.fileinstall.log.level", "1")
        .with("felix.fileinstall.log.default", "jul")
        .with("felix.fileinstall.enableConfigSave", "false");
  }

  /** {@return the root of the tree: what the start script said, or the folder above this one} */
  static Path findHome() {
    String told = System.getProperty("nestor.home");
    if (told != null) {
      return Path.of(told);
    }
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("features/base.json"))) {
        return folder;
      }
    }
    throw new IllegalStateException("not inside a Nestor tree: no folder above has features/");
  }
}
