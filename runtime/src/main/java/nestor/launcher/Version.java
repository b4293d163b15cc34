// SPDX-License-Identifier: Apache-2.0
package nestor.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this tree, which the build wrote beside this class. */
final class Version {
  private Version() {}

  static String ofTree() throws IOException {
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    }
  }
}
