// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assumptions.assumeThat;

/** Which hosts can run these tests. */
final class Hosts {
  private Hosts() {}

  static void assumeUsable() {
    assumeThat(HostFeatures.obstacle()).describedAs("this host is not x86-64 Linux").isNull();
  }
}
