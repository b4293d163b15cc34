// SPDX-License-Identifier: Apache-2.0
package nestor.itests.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import nestor.itests.layers.Tree.BuiltBundle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Hub and spoke: only {@code bundles/api} exports, and no bundle imports a sibling.
 *
 * <p>It reads the built manifests, because the manifest is what the framework obeys.
 */
class LayersTest {
  /** In the API for tests alone: no bundle that is installed may need it. */
  private static final String TESTKIT = "nestor.testkit";

  private static List<BuiltBundle> bundles;

  @BeforeAll
  static void readManifests() throws IOException {
    bundles = Tree.bundles();
    assertThat(bundles).hasSizeGreaterThan(5);
  }

  @Test
  void onlyTheApiExportsPackages() {
    List<String> offences = new ArrayList<>();
    for (BuiltBundle bundle : bundles) {
      if (!bundle.isApi() && !bundle.exports().isEmpty()) {
        offences.add(bundle + " exports " + bundle.exports());
      }
    }

    assertThat(offences).isEmpty();
  }

  @Test
  void noBundleImportsASibling() {
    Map<String, String> exporters = exporters();
    List<String> offences = new ArrayList<>();
    for (BuiltBundle bundle : bundles) {
      for (String imported : bundle.imports()) {
        String owner = exporters.get(imported);
        boolean ours = imported.startsWith("nestor.");
        if (ours && (owner == null || owner.equals(TESTKIT))) {
          offences.add(bundle + " imports " + imported);
        }
      }
    }

    assertThat(offences)
        .describedAs("two bundles that need each other meet in an interface in nestor.api")
        .isEmpty();
  }

  @Test
  void nestorApiImportsNothingOfOurs() {
    BuiltBundle api = bundle("nestor.api");
    Set<String> foreign = new TreeSet<>(api.imports());
    foreign.removeIf(p -> !p.startsWith("nestor.") || api.exports().contains(p));

    assertThat(api.exports()).isNotEmpty();
    assertThat(foreign).isEmpty();
  }

  @Test
  void theApiHasNoCircles() {
    Map<String, String> exporters = exporters();
    Map<String, Set<String>> needs = new HashMap<>();
    for (BuiltBundle bundle : bundles) {
      if (bundle.isApi()) {
        Set<String> owners = needs.computeIfAbsent(bundle.name(), _ -> new TreeSet<>());
        for (String imported : bundle.imports()) {
          if (exporters.containsKey(imported) && !bundle.exports().contains(imported)) {
            owners.add(exporters.get(imported));
          }
        }
      }
    }
    for (String start : needs.keySet()) {
      assertThat(reachable(start, needs)).describedAs("what %s needs", start).doesNotContain(start);
    }
  }

  private static Set<String> reachable(String start, Map<String, Set<String>> needs) {
    Set<String> seen = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(needs.get(start));
    while (!open.isEmpty()) {
      String next = open.removeLast();
      if (seen.add(next)) {
        open.addAll(needs.getOrDefault(next, Set.of()));
      }
    }
    return seen;
  }

  @Test
  void importsFromOutsideAreJavaOrOsgiUnlessListed() throws IOException {
    AllowList allowed = AllowList.read(Tree.ROOT.resolve("itests/allowed-imports.txt"));
    List<String> offences = new ArrayList<>();
    for (BuiltBundle bundle : bundles) {
      for (String imported : bundle.imports()) {
        boolean plain = imported.matches("(java|javax|jdk|nestor|org\\.osgi)\\..*");
        if (!plain && !allowed.allows(bundle.name(), imported)) {
          offences.add(bundle + " imports " + imported);
        }
      }
    }

    assertThat(offences).isEmpty();
    assertThat(allowed.unused()).describedAs("entries nobody needs").isEmpty();
  }

  @Test
  void folderSymbolicNameAndRootPackageAreOneName() throws IOException {
    List<String> offences = new ArrayList<>();
    for (BuiltBundle bundle : bundles) {
      String name = bundle.manifest().getValue("Bundle-SymbolicName");
      if (!bundle.name().equals(name)) {
        offences.add(bundle.folder() + " has the symbolic name " + name);
      }
      Path root = bundle.classes().resolve(bundle.name().replace('.', '/'));
      try (Stream<Path> files = Files.walk(bundle.classes())) {
        files
            .filter(f -> f.toString().endsWith(".class") && !f.startsWith(root))
            .forEach(f -> offences.add(bundle + " has a class outside its root package: " + f));
      }
    }

    assertThat(offences).isEmpty();
  }

  @Test
  void everyBundleIsListedInAFeature() throws IOException {
    StringBuilder features = new StringBuilder();
    try (Stream<Path> files = Files.list(Tree.ROOT.resolve("features"))) {
      for (Path file : files.toList()) {
        features.append(Files.readString(file));
      }
    }
    List<String> missing = new ArrayList<>();
    for (BuiltBundle bundle : bundles) {
      if (!bundle.name().equals(TESTKIT)
          && features.indexOf("\"nestor:" + bundle + ":${nestor.version}\"") < 0) {
        missing.add(bundle.name());
      }
    }

    assertThat(missing).describedAs("add a line to features/machine.json").isEmpty();
  }

  private static BuiltBundle bundle(String name) {
    return bundles.stream().filter(b -> b.name().equals(name)).findFirst().orElseThrow();
  }

  /** Which bundle exports a package, for all packages of ours. */
  private static Map<String, String> exporters() {
    Map<String, String> exporters = new HashMap<>();
    for (BuiltBundle bundle : bundles) {
      for (String exported : bundle.exports()) {
        exporters.put(exported, bundle.name());
      }
    }
    return exporters;
  }
}
