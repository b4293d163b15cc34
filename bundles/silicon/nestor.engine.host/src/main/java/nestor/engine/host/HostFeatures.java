// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

/** Whether this host can run translated code. */
final class HostFeatures {
  private HostFeatures() {}

  /** {@return why it cannot, or null} */
  static String obstacle() {
    String arch = System.getProperty("os.arch");
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return "the host is " + arch + ", not x86-64";
    }
    String os = System.getProperty("os.name");
    return os.equals("Linux") ? null : "the host runs " + os + ", not Linux";
  }
}
