// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bundles on the launcher's own class path, whose packages the system bundle exports so that
 * both sides see the same types.
 *
 * @param bundles their symbolic names: these must not be installed as well
 * @param exports their packages with versions, in the syntax of {@code Export-Package}
 */
record SharedPackages(Set<String> bundles, String exports) {

  /** One clause of Export-Package: a name, then attributes and directives that may be quoted. */
  private static final Pattern CLAUSE =
      Pattern.compile("([\\w.]+)((?:;\\s*[\\w.-]+:?=(?:\"[^\"]*\"|[^\",;]*))*),?");

  private static final Pattern VERSION = Pattern.compile(";\\s*version=\"?([\\w.]+)");

  static SharedPackages ofClassPath() throws IOException {
    Set<String> bundles = new HashSet<>();
    List<String> exports = new ArrayList<>();
    ClassLoader loader = SharedPackages.class.getClassLoader();
    for (URL url : Collections.list(loader.getResources("META-INF/MANIFEST.MF"))) {
      Attributes manifest = read(url);
      String name = manifest.getValue("Bundle-SymbolicName");
      String exported = manifest.getValue("Export-Package");
      if (name != null && exported != null && isShared(name) && bundles.add(name)) {
        addClauses(exported, exports);
      }
    }
    return new SharedPackages(bundles, String.join(",", exports));
  }

  private static boolean isShared(String symbolicName) {
    return symbolicName.startsWith("nestor.") || symbolicName.startsWith("org.osgi.service.");
  }

  private static Attributes read(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return new Manifest(in).getMainAttributes();
    }
  }

  /** Keeps name and version of each package; the rest means nothing to the system bundle. */
  static void addClauses(String exported, List<String> target) {
    Matcher clause = CLAUSE.matcher(exported);
    while (clause.find()) {
      Matcher version = VERSION.matcher(clause.group(2));
      target.add(clause.group(1) + (version.find() ? ";version=" + version.group(1) : ""));
    }
  }
}
